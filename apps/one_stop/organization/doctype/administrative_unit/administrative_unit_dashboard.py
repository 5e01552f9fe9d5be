from frappe import _


def get_data() -> dict:
	"""What the form of a unit links to."""
	return {
		"fieldname": "unit",
		"non_standard_fieldnames": {
			"Administrative Unit": "parent_administrative_unit",
			"Dossier": "receiving_unit",
		},
		"transactions": [
			{"label": _("Organization"), "items": ["Administrative Unit", "Unit Member"]},
			{"label": _("Dossiers"), "items": ["Dossier"]},
		],
	}
