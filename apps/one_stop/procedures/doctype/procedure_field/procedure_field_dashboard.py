from frappe import _


def get_data() -> dict:
	"""What the form of a field links to."""
	return {
		"fieldname": "field",
		"transactions": [{"label": _("Procedures"), "items": ["Administrative Procedure"]}],
	}
