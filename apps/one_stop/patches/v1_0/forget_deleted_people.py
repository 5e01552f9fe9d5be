"""Take out what Frappe kept of drafts, notices, profiles and accounts of citizens that were deleted before it was told
to keep nothing."""

import frappe

from one_stop.citizen_portal.messages import ADDRESS_OF_NOBODY

OF_CITIZENS = ("Portal Draft", "Portal Notice", "Citizen Profile")


def execute() -> None:
	kept = "Deleted Document"
	frappe.db.delete(kept, {"deleted_doctype": ["in", OF_CITIZENS]})
	frappe.db.delete(kept, {"deleted_doctype": "File", "data": ["like", '%"Portal Draft"%']})
	frappe.db.delete(kept, {"deleted_doctype": "Contact", "data": ["like", f"%@{ADDRESS_OF_NOBODY}%"]})
	frappe.db.delete("Version", {"ref_doctype": "User", "docname": ["like", f"%@{ADDRESS_OF_NOBODY}"]})
	closed = {"name": ["like", f"%@{ADDRESS_OF_NOBODY}"], "enabled": 0, "user_type": "Website User"}
	for name in frappe.get_all("User", closed, pluck="name"):
		frappe.db.set_value("User", name, {"username": None, "middle_name": None})
		frappe.db.set_value("Activity Log", {"user": name}, {"full_name": None, "subject": "-"})
