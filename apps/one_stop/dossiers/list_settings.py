"""How the lists of dossiers and steps look, until an administrator arranges them otherwise."""

import json

import frappe

# The title and the tags stand first whatever is listed here.
COLUMNS = {
	"Dossier": ("status_field", "code", "procedure_name", "current_step", "due_at"),
	"Dossier Step": ("status_field", "dossier_code", "procedure_name", "applicant_name", "officer", "due_at"),
}


def seed_list_settings() -> None:
	"""Arrange the lists that nobody has arranged yet.

	Comments and the count of all rows are not asked for: on a province's dossiers they cost more than
	the page itself.
	"""
	for doctype, fieldnames in COLUMNS.items():
		if frappe.db.exists("List View Settings", doctype):
			continue
		meta = frappe.get_meta(doctype)
		fields = [
			{
				"fieldname": fieldname,
				"label": "Status" if fieldname == "status_field" else meta.get_label(fieldname),
			}
			for fieldname in fieldnames
		]
		settings = frappe.new_doc("List View Settings")
		settings.update(
			{
				"total_fields": 8,
				"fields": json.dumps(fields),
				"disable_comment_count": 1,
				"disable_count": 1,
				"disable_sidebar_stats": 1,
			}
		)
		settings.name = doctype
		settings.insert(ignore_permissions=True)  # after_migrate only
