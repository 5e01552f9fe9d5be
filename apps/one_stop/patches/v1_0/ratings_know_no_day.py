"""Take from the ratings given before what led to their raters: procedure, channel, day; the field stands apart."""

import frappe

from one_stop.quality.ratings import OVERALL

COLUMNS = {
	"Citizen Rating": ("rated_on", "procedure", "channel"),
	"Peer Rating": ("rated_on",),
	"Rating Token": ("channel",),
}


def execute() -> None:
	for doctype, columns in COLUMNS.items():
		present = [column for column in columns if frappe.db.has_column(doctype, column)]
		if "rated_on" in present:
			frappe.db.sql(
				f"""update `tab{doctype}` set month = date_format(rated_on, '%Y-%m-01'),
				creation = date_format(rated_on, '%Y-%m-01'), modified = date_format(rated_on, '%Y-%m-01')
				where month is null"""
			)
		if doctype == "Citizen Rating":
			_part_fields()
		if present:
			frappe.db.sql_ddl(
				f"alter table `tab{doctype}` {', '.join(f'drop column `{column}`' for column in present)}"
			)


def _part_fields() -> None:
	rating = frappe.qb.DocType("Citizen Rating")
	rows = (
		frappe.qb.from_(rating)
		.select(rating.name, rating.field, rating.month)
		.where(rating.lot.isnull() & rating.unit.isnotnull() & rating.field.isnotnull())
	).run(as_dict=True)
	for row in rows:
		traces = {"owner": "Guest", "modified_by": "Guest", "creation": row.month, "modified": row.month}
		answers = frappe.get_all(
			"Rating Answer",
			{"parent": row.name, "parenttype": "Citizen Rating", "question_key": OVERALL},
			["question_key", "answer", "points", "content"],
		)
		if answers:
			apart = {"doctype": "Citizen Rating", "name": frappe.generate_hash(length=16), **traces}
			frappe.get_doc({**apart, "field": row.field, "month": row.month}).db_insert()
			child = {
				"parent": apart["name"],
				"parenttype": "Citizen Rating",
				"parentfield": "answers",
				"idx": 1,
			}
			frappe.get_doc(
				{
					"doctype": "Rating Answer",
					"name": frappe.generate_hash(length=16),
					**traces,
					**child,
					**answers[0],
				}
			).db_insert()
		frappe.db.set_value("Citizen Rating", row.name, "field", None, update_modified=False)
