"""What the page of a dossier offers: every command to whom it is for, and in its dialog all that it takes."""

from datetime import timedelta

import frappe
import pytest
from frappe.utils import now_datetime

from one_stop.api import dossiers as api
from one_stop.api import reception
from one_stop.dossiers import authority, intake, lifecycle, pages
from one_stop.dossiers import exceptions as refused
from one_stop.dossiers.case import COMMANDS
from tests import factories as make
from tests.factories import give

pytestmark = pytest.mark.usefixtures("province")


def later(days: int) -> str:
	return str((now_datetime() + timedelta(days=days)).replace(microsecond=0))


def offered(dossier: str, who: str) -> dict[str, dict]:
	frappe.db.rollback()
	with make.acting(who):
		return {action["command"]: action for action in api.actions(dossier)}


def handed_in(channel: str = "Online") -> str:
	name = make.draft(channel=channel)
	give("register", name, make.CLERK)
	return name


def asked_for_more() -> str:
	name = make.handed_over()
	give("request_supplement", name, make.OFFICER, reason="Thiếu chữ ký.")
	return name


def asked_at_intake() -> str:
	name = handed_in()
	give("request_supplement", name, make.CLERK, reason="Thiếu chữ ký.")
	return name


def opinion_asked() -> str:
	name = make.handed_over()
	give(
		"ask_opinion",
		name,
		make.OFFICER,
		step="2",
		unit=make.CENTRE,
		question="Đúng không?",
		answer_due=later(3),
	)
	return name


def awaiting_payment() -> str:
	name = make.handed_over()
	give("order_obligation", name, make.OFFICER, step="2", amount=10_000, reason="Theo thông báo")
	return name


def extended() -> str:
	name = make.handed_over()
	due = make.working_moment(40)
	give("extend", name, make.CHAIRMAN, new_due=due, reason="Chờ xác minh")
	return name


def claimed() -> str:
	name = make.handed_over()
	give("claim", name, make.OFFICER, step="2")
	return name


def sent_back() -> str:
	name = make.at_signature()
	give("claim", name, make.CHAIRMAN, step="3")
	return name


def with_a_fee() -> str:
	return make.received("1.001612")


# Each command with a dossier that waits for it, and who is to give it.
SCENES = {
	"register": (lambda: make.draft(channel="Online"), make.CLERK),
	"acknowledge": (handed_in, make.CLERK),
	"add_papers": (make.handed_over, make.CLERK),
	"receive": (make.draft, make.CLERK),
	"refuse_at_intake": (asked_at_intake, make.CLERK),
	"request_supplement": (make.handed_over, make.OFFICER),
	"take_in_supplement": (asked_for_more, make.CLERK),
	"assign": (make.handed_over, make.CHAIRMAN),
	"claim": (make.handed_over, make.OFFICER),
	"delegate": (sent_back, make.CHAIRMAN),
	"complete_step": (make.handed_over, make.OFFICER),
	"skip_step": (make.handed_over, make.OFFICER),
	"send_back": (make.at_signature, make.CHAIRMAN),
	"ask_opinion": (make.handed_over, make.OFFICER),
	"answer_opinion": (opinion_asked, make.CLERK),
	"order_obligation": (make.handed_over, make.OFFICER),
	"confirm_payment": (awaiting_payment, make.CLERK),
	"record_fee_payment": (with_a_fee, make.CLERK),
	"extend": (make.handed_over, make.CHAIRMAN),
	"accept_extension": (extended, make.CLERK),
	"stop": (make.handed_over, make.CHAIRMAN),
	"withdraw": (make.handed_over, make.CLERK),
	"finish": (make.at_signature, make.CHAIRMAN),
	"refuse": (make.at_signature, make.CHAIRMAN),
	"return_result": (make.finished, make.CLERK),
	"hand_over_to": (handed_in, make.CLERK),
	"correct": (make.received, make.CLERK),
	"undo": (claimed, make.OFFICER),
}


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - authority.OF_THE_SYSTEM))
def test_every_command_is_offered_to_whom_it_is_for(command):
	scene, who = SCENES[command]
	action = offered(scene(), who)[command]
	assert action["label"] and callable(getattr(api, command))
	assert command in pages.LIKELY


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - authority.OF_THE_SYSTEM))
def test_no_command_is_offered_to_who_only_watches(command):
	scene, _who = SCENES[command]
	assert offered(scene(), "giamsat") == {}


def test_a_dossier_that_came_by_post_waits_for_its_reception_qd45_art_7():
	"""The minutes are signed when it arrives; it is received later, as of that moment."""
	name = make.draft(channel="Post")
	assert offered(name, make.CLERK)["register"]["label"] == frappe._("Note the Arrival")
	with make.acting(make.CLERK):
		signed = (now_datetime() - timedelta(hours=1)).replace(second=0, microsecond=0)
		reception.sign_handover(f'["{name}"]', str(signed), "Bưu điện", "Người đưa thư", '["EA1"]')
		frappe.db.commit()
		api.register(name, make.key())
	assert "register" not in offered(name, make.CLERK)
	assert make.value(name, "submitted_at")
	give("receive", name, make.CLERK)
	assert make.value(name, "received_at") == signed


def test_a_dossier_of_the_counter_is_not_handed_in_first():
	assert "register" not in offered(make.draft(), make.CLERK)


def test_an_online_dossier_is_acknowledged_once():
	name = handed_in()
	give("acknowledge", name, make.CLERK)
	assert "acknowledge" not in offered(name, make.CLERK)


def test_the_dialog_of_a_correction_offers_every_fact_that_may_be_corrected_nd61_art_21():
	name = make.received()
	fields = {
		row["fieldname"]: row for row in offered(name, make.CLERK)["correct"]["fields"] if "fieldname" in row
	}
	assert set(intake.CORRECTABLE) <= set(fields)
	assert fields["reason"]["reqd"]
	assert fields["applicant_name"]["default"] == make.value(name, "applicant_name")


def test_the_case_is_offered_for_correction_until_work_begins():
	from one_stop.procedures.terms import cases_of, version_on

	procedure = next(
		row.name
		for row in frappe.get_all("Administrative Procedure", filters={"status": "In Force"})
		if len(cases_of(version_on(row.name, frappe.utils.getdate()).name)) > 1
		and any(
			offer["receiving_unit"] == make.CENTRE
			for offer in intake.offers_of(row.name, frappe.utils.getdate())
		)
	)
	cases = cases_of(version_on(procedure, frappe.utils.getdate()).name)
	name = make.received(procedure, case_name=cases[0])
	fields = {row.get("fieldname"): row for row in offered(name, make.CLERK)["correct"]["fields"]}
	assert [option["value"] for option in fields["case_name"]["options"]] == cases
	give("complete_step", name, make.CLERK, step="1", no_scan_reason="Máy quét hỏng")
	if "correct" in (later_on := offered(name, make.CLERK)):
		assert "case_name" not in {row.get("fieldname") for row in later_on["correct"]["fields"]}


def test_what_is_due_is_handed_over_only_where_somebody_else_is_competent():
	for name, who in ((make.received(), make.CLERK), (handed_in(), make.CLERK)):
		action = offered(name, who).get("hand_over_to")
		assert action is None or action["fields"][0]["options"]


# Drafts


def test_a_draft_never_handed_in_is_deleted_by_who_made_it_and_kept_on_record():
	name = make.draft()
	read = frappe.get_doc(
		{"doctype": "Personal Data Access", "user": make.user(make.CLERK), "dossier": name, "how": "Form"}
	).insert(ignore_permissions=True)
	frappe.db.commit()
	with make.acting(make.CLERK):
		frappe.delete_doc("Dossier", name)
		frappe.db.commit()
	assert not frappe.db.exists("Dossier", name)
	assert frappe.db.exists("Personal Data Access", read.name), "who has read it stays on record"
	assert not frappe.db.exists("Dossier Access", {"dossier": name})
	assert frappe.db.exists("Deleted Document", {"deleted_doctype": "Dossier", "deleted_name": name})


def test_a_draft_is_deleted_with_its_scans():
	name = make.draft()
	with make.acting(make.CLERK):
		file = frappe.get_doc(
			{
				"doctype": "File",
				"file_name": "nhap.pdf",
				"content": f"%PDF-1.4 {make.key()}",
				"is_private": 1,
				"attached_to_doctype": "Dossier",
				"attached_to_name": name,
			}
		).insert()
		frappe.db.commit()
		frappe.delete_doc("Dossier", name)
		frappe.db.commit()
	assert not frappe.db.exists("File", file.name)


@pytest.mark.parametrize(
	"who", [make.OTHER_CLERK, make.OFFICER, make.CHAIRMAN, make.STRANGER, "quantri", "giamsat"]
)
def test_a_draft_of_somebody_else_is_not_deleted(who):
	name = make.draft()
	with make.acting(who), pytest.raises(frappe.PermissionError):
		frappe.delete_doc("Dossier", name)
	frappe.db.rollback()
	assert frappe.db.exists("Dossier", name)


@pytest.mark.parametrize("scene", [handed_in, make.received, make.finished])
def test_what_was_handed_in_is_never_deleted(scene):
	name = scene()
	with make.acting(make.CLERK), pytest.raises((frappe.PermissionError, refused.OnlyByCommand)):
		frappe.delete_doc("Dossier", name)
	frappe.db.rollback()
	assert frappe.db.exists("Dossier", name)


def test_fees_due_are_named_in_the_dialog():
	name = with_a_fee()
	assert lifecycle.fees_due(name)
	assert offered(name, make.CLERK)["record_fee_payment"]["fields"]
