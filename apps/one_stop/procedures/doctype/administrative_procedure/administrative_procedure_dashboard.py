from frappe import _


def get_data() -> dict:
	"""What the form of a procedure links to."""
	return {
		"fieldname": "procedure",
		"transactions": [{"label": _("Procedure"), "items": ["Procedure Version", "Dossier"]}],
	}
