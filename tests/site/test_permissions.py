"""Who may see which dossiers: lists and documents agree, and nothing leaks to where no duty lies."""

import random

import frappe
import pytest
from frappe.utils import add_days, getdate

from one_stop import permissions
from one_stop.dossiers import exceptions as refused
from one_stop.organization import units
from tests import factories as make
from tests.factories import give

pytestmark = pytest.mark.usefixtures("province")

PARTS = ("Dossier Step", "Dossier Event", "Dossier Payment", "Dossier Result")


@pytest.fixture(scope="module")
def dossiers(province):
	"""Dossiers of several communes and of the province, by the unit that receives them."""
	made = {
		make.CENTRE: [make.finished(), make.received(), make.draft()],
		"H17.41.01.01": [
			make.received(unit="H17.41.01.01", clerk=make.STRANGER),
			make.draft(unit="H17.41.01.01", clerk=make.STRANGER),
		],
		"H17.40.21.01": [make.received(unit="H17.40.21.01", clerk="tiepnhan.hoian")],
	}
	return made


PEOPLE = [
	"tiepnhan.haichau",
	"hotich.haichau",
	"chutich.haichau",
	"tiepnhan.hoavang",
	"chutich.hoavang",
	"congchuc.thue",
	"giamsat",
	"quantri",
	"chutich.tinh",
	"datdai.snnmt",
]


def listed(doctype: str) -> set[str]:
	return set(frappe.get_list(doctype, pluck="name", limit=0))


@pytest.mark.parametrize("name", PEOPLE)
def test_lists_and_documents_agree(name, dossiers):
	every = frappe.get_all("Dossier", pluck="name", limit=0)
	with make.acting(name) as user:
		seen = listed("Dossier")
		for dossier in random.Random(name).sample(every, min(60, len(every))):
			doc = frappe.get_doc("Dossier", dossier)
			assert frappe.has_permission("Dossier", "read", doc) == (dossier in seen)
			assert permissions.may_read_dossier(dossier, user) == (dossier in seen)


@pytest.mark.parametrize("doctype", PARTS)
@pytest.mark.parametrize("name", ["hotich.haichau", "tiepnhan.hoavang", "giamsat"])
def test_parts_are_seen_with_their_dossier(doctype, name, dossiers):
	rows = dict(frappe.get_all(doctype, fields=["name", "dossier"], limit=0, as_list=True))
	with make.acting(name):
		if not frappe.has_permission(doctype, "read"):
			assert doctype not in PARTS
		seen, of = listed(doctype), listed("Dossier")
		assert seen == {row for row, dossier in rows.items() if dossier in of}
		for row in random.Random(doctype).sample(sorted(rows), min(20, len(rows))):
			assert frappe.has_permission(doctype, "read", frappe.get_doc(doctype, row)) == (row in seen)


@pytest.mark.parametrize("table", ["Dossier Answer", "Dossier Component", "Dossier Fee"])
@pytest.mark.parametrize("name", ["tiepnhan.hoavang", "hotich.haichau", "canbo.bhxh"])
def test_rows_of_a_dossier_are_listed_with_it(table, name, dossiers):
	from frappe.client import get_list

	with make.acting(name):
		rows = get_list(table, fields=["name", "parent"], parent="Dossier", limit_page_length=0)
		assert {row.parent for row in rows} <= listed("Dossier")


def test_files_are_listed_with_their_dossier(dossiers):
	dossier = make.draft()
	with make.acting(make.CLERK):
		file = frappe.get_doc(
			{
				"doctype": "File",
				"file_name": "danh-sach.pdf",
				"content": b"%PDF-1.4 danh sach",
				"is_private": 1,
				"attached_to_doctype": "Dossier",
				"attached_to_name": dossier,
			}
		).insert()
	frappe.db.commit()
	with make.acting("tiepnhan.hoavang"):
		assert file.name not in listed("File")
	with make.acting("hotich.haichau"):
		assert file.name in listed("File")


def test_who_uploaded_a_scan_keeps_no_hold_of_it_once_received():
	dossier = make.draft()
	with make.acting(make.CLERK):
		file = frappe.get_doc(
			{
				"doctype": "File",
				"file_name": "giu.pdf",
				"content": b"%PDF-1.4 giu",
				"is_private": 1,
				"attached_to_doctype": "Dossier",
				"attached_to_name": dossier,
			}
		).insert()
	frappe.db.commit()
	give("receive", dossier, make.CLERK)
	with make.acting(make.CLERK):
		file = frappe.get_doc("File", file.name)
		assert file.has_permission("read") and not file.has_permission("delete")


def test_a_sibling_unit_sees_nothing(dossiers):
	with make.acting("tiepnhan.hoavang"):
		assert not listed("Dossier") & set(dossiers[make.CENTRE])
		with pytest.raises(frappe.PermissionError):
			frappe.get_doc("Dossier", dossiers[make.CENTRE][0]).check_permission("read")


def test_a_unit_above_sees_what_its_subtree_has(dossiers):
	with make.acting("chutich.haichau"):
		assert set(dossiers[make.CENTRE]) <= listed("Dossier")
		assert not listed("Dossier") & set(dossiers["H17.41.01.01"])


def test_units_whose_codes_begin_alike_are_not_related():
	"""`H17.3` is no parent of `H17.31`: the tree decides, never the spelling."""
	scope = permissions.units_in_scope(make.user("congchuc.thue"))
	assert scope == units.answering("H17.32.01", getdate())
	assert {unit for unit in scope if unit.startswith("H17.3")} == frozenset(units.descendants("H17.32.01"))


def test_whoever_is_asked_sees_the_dossier_from_then_on(dossiers):
	dossier = make.handed_over(make.LAND)
	with make.acting(make.TAX_OFFICER):
		assert dossier in listed("Dossier")
	other = make.handed_over()
	with make.acting("canbo.bhxh"):
		assert other not in listed("Dossier")
	give(
		"ask_opinion",
		other,
		make.OFFICER,
		step="2",
		unit="H17.33",
		question="Xin ý kiến",
		answer_due=f"{add_days(getdate(), 5)} 10:00:00",
	)
	with make.acting("canbo.bhxh"):
		assert other in listed("Dossier")


@pytest.fixture
def temporary(province):
	"""A person with a duty for a while: `temporary(unit, duty, **dates)` answers their name."""
	made = []

	def person(unit: str, duty: str, **dates) -> str:
		name = f"tam.{frappe.generate_hash(length=6).lower()}"
		user = frappe.get_doc(
			{
				"doctype": "User",
				"email": make.user(name),
				"first_name": "Người Tạm",
				"send_welcome_email": 0,
				"language": "vi",
			}
		)
		frappe.flags.mute_emails = True
		user.insert()
		member = frappe.get_doc(
			{
				"doctype": "Unit Member",
				"user": user.name,
				"unit": unit,
				"duty": duty,
				"from_date": "2025-07-01",
				**dates,
			}
		).insert()
		frappe.db.commit()
		made.append(member)
		return name, member

	return person


def test_a_former_member_loses_access(temporary, dossiers):
	name, member = temporary("H17.40.01", "Appraisal")
	with make.acting(name):
		assert set(dossiers[make.CENTRE]) <= listed("Dossier")
	member.to_date = add_days(getdate(), -1)
	member.save()
	frappe.db.commit()
	with make.acting(name):
		try:
			assert listed("Dossier") == set()
		except frappe.PermissionError:
			pass
		assert not permissions.may_read_dossier(dossiers[make.CENTRE][0])


def test_a_stand_in_sees_and_acts_within_the_dates_only(temporary):
	stand_in, _own = temporary("H17.41.01", "Appraisal")
	_absent, member = temporary("H17.40.01", "Appraisal")
	dossier = make.handed_over()
	with pytest.raises(frappe.PermissionError):
		give("claim", dossier, stand_in, step="2")
	member.update(
		{
			"delegate": make.user(stand_in),
			"delegate_from": getdate(),
			"delegate_to": add_days(getdate(), 2),
		}
	)
	member.save()
	frappe.db.commit()
	give("claim", dossier, stand_in, step="2")
	taken = make.handed_over()
	give("claim", taken, _absent, step="2")
	give("complete_step", taken, stand_in, step="2")
	member.update({"delegate_from": "2025-07-02", "delegate_to": "2025-07-03"})
	member.save()
	frappe.db.commit()
	with pytest.raises(frappe.PermissionError):
		give("complete_step", dossier, stand_in, step="2")


def test_sensitive_fields_are_masked_for_who_does_not_need_them(dossiers):
	from frappe.client import get

	name = dossiers[make.CENTRE][0]
	with make.acting("giamsat"):
		doc = frappe.get_doc("Dossier", name)
		doc.apply_fieldlevel_read_permissions()
		assert not doc.get("applicant_id_number") and not doc.get("applicant_phone")
		assert doc.id_number_masked.endswith(make.value(name, "applicant_id_number")[-3:])
		assert "•" in doc.id_number_masked
		assert not get("Dossier", name).get("applicant_id_number")
		rows = frappe.get_list("Dossier", filters={"name": name}, fields=["name", "applicant_id_number"])
		assert not rows[0].get("applicant_id_number")
	with make.acting(make.CLERK):
		doc = frappe.get_doc("Dossier", name)
		doc.apply_fieldlevel_read_permissions()
		assert doc.get("applicant_id_number")


def test_a_scan_is_read_by_who_reads_its_dossier_only():
	dossier = make.draft()
	with make.acting(make.CLERK):
		file = frappe.get_doc(
			{
				"doctype": "File",
				"file_name": "quet.pdf",
				"content": b"%PDF-1.4 thu",
				"is_private": 1,
				"attached_to_doctype": "Dossier",
				"attached_to_name": dossier,
			}
		).insert()
	frappe.db.commit()
	with make.acting("hotich.haichau"):
		assert file.has_permission("read")
	with make.acting("tiepnhan.hoavang"):
		assert not frappe.get_doc("File", file.name).has_permission("read")


def test_somebody_elses_file_cannot_become_a_result():
	dossier = make.at_signature()
	with make.acting(make.STRANGER):
		file = frappe.get_doc(
			{"doctype": "File", "file_name": "rieng.pdf", "content": b"%PDF-1.4 x", "is_private": 1}
		).insert()
	frappe.db.commit()
	with pytest.raises(refused.CommandRefused):
		give("finish", dossier, make.CHAIRMAN, step="3", result_file=file.file_url)


def test_a_dossier_is_never_shared():
	import frappe.share

	dossier = make.received()
	with make.acting("chutich.haichau"), pytest.raises(frappe.PermissionError):
		frappe.share.add("Dossier", dossier, make.user("tiepnhan.hoavang"))
	frappe.db.rollback()


def test_a_citizen_account_sees_nothing_through_the_desk(dossiers):
	user = f"dan.{frappe.generate_hash(length=6).lower()}@one-stop.example"
	frappe.flags.mute_emails = True
	frappe.get_doc(
		{
			"doctype": "User",
			"email": user,
			"first_name": "Người Dân",
			"user_type": "Website User",
			"send_welcome_email": 0,
		}
	).insert()
	frappe.db.commit()
	assert permissions.dossier_condition(user) == "1 = 0"
	assert not permissions.may_read_dossier(dossiers[make.CENTRE][0], user)
