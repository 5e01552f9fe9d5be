from frappe import _


def get_data() -> dict:
	"""What the form of a version links to: the dossiers that keep to it."""
	return {
		"fieldname": "procedure_version",
		"transactions": [{"label": _("Dossiers"), "items": ["Dossier"]}],
	}
