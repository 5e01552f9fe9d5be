from frappe import _


def get_data() -> dict:
	"""What the form of a calendar links to."""
	return {
		"fieldname": "working_calendar",
		"transactions": [{"label": _("Organization"), "items": ["Administrative Unit"]}],
	}
