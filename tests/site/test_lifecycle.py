"""The commands of a dossier: their legal paths, what they refuse, and by which article."""

import frappe
import pytest
from frappe.utils import add_days, get_datetime, now_datetime

from one_stop.dossiers import exceptions as refused
from one_stop.dossiers import ledger, lifecycle, numbering
from one_stop.dossiers.case import COMMANDS, NATIONAL, Status
from one_stop.dossiers.command import as_of
from tests import factories as make
from tests.factories import give

pytestmark = pytest.mark.usefixtures("province")


def status(dossier: str) -> str:
	return make.value(dossier, "status")


def later(days: int, hour: int = 9):
	return make.working_moment(days, hour)


# From the counter to the result (NĐ 61/2018 art. 17-20)


def test_a_dossier_goes_from_the_counter_to_its_result():
	dossier = make.finished()
	assert (status(dossier), make.value(dossier, "national_status")) == ("Finished", 9)
	answer = give("return_result", dossier, make.CLERK, way="Counter", recipient="Người Thử")
	assert answer["status"] == "Returned"
	assert make.value(dossier, "returned_at")
	assert ledger.verify(dossier) == []
	result = frappe.get_doc("Dossier Result", {"dossier": dossier})
	assert (result.number, result.way, result.recipient) == ("01/KS", "Counter", "Người Thử")


def test_reception_issues_the_legal_code_of_the_receiving_agency_tt01_art_19():
	dossier = make.received()
	code = make.value(dossier, "code")
	assert numbering.LEGAL_CODE.fullmatch(code)
	assert code.startswith(
		f"{numbering.agency_code(make.CENTRE)}-{make.value(dossier, 'received_at'):%y%m%d}-"
	)


def test_codes_of_an_agency_and_day_are_consecutive_tt01_art_19():
	first, second = make.received(), make.received()
	numbers = [int(make.value(dossier, "code")[-4:]) for dossier in (first, second)]
	assert numbers[1] == numbers[0] + 1


def test_more_than_9999_codes_a_day_are_refused_and_nothing_is_half_saved():
	dossier = make.draft()
	agency = numbering.agency_code(make.CENTRE)
	name = f"{agency}-{now_datetime():%Y-%m-%d}"
	make.received()
	before = frappe.db.get_value("Dossier Counter", name, "current")
	frappe.db.set_value("Dossier Counter", name, "current", numbering.LAST_NUMBER)
	frappe.db.commit()
	try:
		with pytest.raises(refused.NumbersExhausted):
			give("receive", dossier, make.CLERK)
	finally:
		frappe.db.set_value("Dossier Counter", name, "current", before)
		frappe.db.commit()
	assert status(dossier) == "Draft" and not ledger.rows_of(dossier)
	assert not frappe.db.exists("Dossier Step", {"dossier": dossier})


def test_the_receipt_pins_version_units_and_rules():
	dossier = make.received()
	promise = ledger.standing(dossier).case.promise
	assert promise["version"] == make.value(dossier, "procedure_version")
	assert promise["units"]["2"] == make.COMMITTEE
	assert any(rule == "cutoff" for rule, *_rest in promise["rules"])
	assert make.value(dossier, "original_due_at") == make.value(dossier, "due_at")


def test_missing_papers_need_a_reason_nd61_art_17_1():
	dossier = make.draft(papers=False)
	with pytest.raises(refused.PapersMissing):
		give("receive", dossier, make.CLERK)


def test_a_paper_left_out_of_the_list_counts_as_missing_nd61_art_17_1():
	dossier = make.draft(components=[])
	with pytest.raises(refused.PapersMissing):
		give("receive", dossier, make.CLERK)


def test_papers_are_scanned_or_explained_before_the_hand_over_nd61_art_17_1():
	dossier = make.received()
	with pytest.raises(refused.ScanMissing):
		give("complete_step", dossier, make.CLERK, step="1")
	give("complete_step", dossier, make.CLERK, step="1", no_scan_reason="Máy quét hỏng")
	assert status(dossier) == "In Process"


def test_a_centre_that_does_not_offer_the_procedure_cannot_receive_it():
	dossier = make.draft()
	frappe.db.set_value("Dossier", dossier, "receiving_unit", "H17.20")
	frappe.db.commit()
	with pytest.raises((refused.NotOffered, refused.NotYourDuty)):
		give("receive", dossier, make.CLERK)


def test_a_dossier_by_post_is_received_by_its_hand_over_minutes_qd45_art_7_4():
	dossier = make.draft(channel="Post")
	with pytest.raises(refused.HandoverMissing):
		give("receive", dossier, make.CLERK)
	signed = get_datetime(frappe.utils.add_to_date(now_datetime(), hours=-5)).replace(microsecond=0)
	with make.acting(make.CLERK):
		minutes = frappe.get_doc(
			{
				"doctype": "Postal Handover",
				"unit": make.CENTRE,
				"signed_at": signed,
				"carrier": "Bưu điện Thử",
				"postman": "Bưu tá Thử",
				"items": [{"dossier": dossier, "slip_number": "EB000000001VN", "complete": 1}],
			}
		).insert()
		minutes.submit()
	frappe.db.commit()
	give("receive", dossier, make.CLERK)
	assert make.value(dossier, "received_at") == signed.replace(second=0)
	assert ledger.verify(dossier) == []


# Intake exits


def test_refusal_at_intake_needs_a_reason_and_ends_the_dossier_nd61_art_17_1b():
	dossier = make.draft()
	with pytest.raises(refused.ReasonMissing):
		give("refuse_at_intake", dossier, make.CLERK, reason="  ")
	give("refuse_at_intake", dossier, make.CLERK, reason="Không đúng thẩm quyền")
	assert (status(dossier), make.value(dossier, "national_status")) == ("Not Received", 3)
	assert not make.value(dossier, "code")


def test_a_supplement_at_intake_is_asked_once_nd61_art_15_3():
	dossier = make.draft()
	give("request_supplement", dossier, make.CLERK, reason="Thiếu chữ ký")
	assert status(dossier) == "Awaiting Supplement"
	give("take_in_supplement", dossier, make.CLERK)
	assert status(dossier) == "Draft"
	with pytest.raises(refused.CommandRefused):
		give("request_supplement", dossier, make.CLERK, reason="Thiếu nữa")
	give("request_supplement", dossier, make.CLERK, reason="Thiếu nữa", override="Giấy tờ giả mạo, phải thay")
	assert "có lý do" in make.value(dossier, "flags_text")


def test_papers_outside_the_procedure_need_a_legal_basis_nd61_art_5():
	dossier = make.draft()
	with pytest.raises(refused.SupplementOutsideProcedure):
		give(
			"request_supplement",
			dossier,
			make.CLERK,
			reason="Thiếu",
			items=[{"component": "Giấy xác nhận không có trong thủ tục"}],
		)
	give(
		"request_supplement",
		dossier,
		make.CLERK,
		reason="Thiếu",
		items=[{"component": "Giấy khác", "legal_basis": "Luật Mẫu, Điều 1"}],
	)


def test_a_line_of_a_supplement_that_names_no_paper_is_not_dropped():
	dossier = make.draft()
	for told in ({"note": "Thiếu chữ ký"}, {"legal_basis": "Luật Mẫu, Điều 1"}):
		with pytest.raises(refused.CommandRefused, match="dòng 2"):
			give("request_supplement", dossier, make.CLERK, reason="Thiếu", items=[{}, told])
	assert status(dossier) == "Draft"


# Appraisal


def test_a_supplement_after_appraisal_restarts_the_clock_nd61_art_19_4():
	dossier = make.handed_over(make.LAND)
	due = make.value(dossier, "due_at")
	give("request_supplement", dossier, make.OFFICER_OF_LAND, reason="Thiếu bản vẽ")
	assert (status(dossier), make.value(dossier, "clock_state")) == ("Awaiting Supplement", "Paused")
	with as_of(later(20)):
		give("take_in_supplement", dossier, make.CLERK)
	assert status(dossier) == "In Process"
	assert make.value(dossier, "due_at") > due
	assert make.value(dossier, "original_due_at") == due


def test_a_step_is_claimed_once():
	dossier = make.at_signature()
	give("claim", dossier, make.CHAIRMAN, step="3")
	with pytest.raises(refused.NotYourDuty):
		give("complete_step", dossier, make.VICE_CHAIRMAN, step="3")
	with pytest.raises(refused.StepTaken):
		give("claim", dossier, make.VICE_CHAIRMAN, step="3")


def test_a_leader_assigns_only_who_holds_the_duty_nd61_art_19_1():
	dossier = make.at_signature()
	with pytest.raises(refused.OfficerLacksDuty):
		give("assign", dossier, make.CHAIRMAN, step="3", officer=make.user(make.OFFICER))
	give("assign", dossier, make.CHAIRMAN, step="3", officer=make.user(make.VICE_CHAIRMAN))
	assert make.step(dossier, "3").officer == make.user(make.VICE_CHAIRMAN)


def test_sending_back_needs_a_reason_and_opens_the_step_again():
	dossier = make.at_signature()
	with pytest.raises(refused.ReasonMissing):
		give("send_back", dossier, make.CHAIRMAN, step="3", to="2", reason="")
	give("send_back", dossier, make.CHAIRMAN, step="3", to="2", reason="Sai họ tên")
	again, after = make.step(dossier, "2"), make.step(dossier, "3")
	assert (again.status, again.round, again.officer) == ("In Progress", 2, make.user(make.OFFICER))
	assert after.status == "Waiting"


def test_the_last_step_before_the_return_ends_with_a_result_nd61_art_20():
	dossier = make.at_signature()
	with pytest.raises(refused.LastStepNeedsResult):
		give("complete_step", dossier, make.CHAIRMAN, step="3")


def test_an_opinion_asked_is_answered_before_the_step_ends_nd61_art_19_5():
	dossier = make.handed_over()
	give(
		"ask_opinion",
		dossier,
		make.OFFICER,
		step="2",
		unit=make.CENTRE,
		question="Người nộp có mặt không?",
		answer_due=later(2),
	)
	with pytest.raises(refused.OpinionOpen):
		give("complete_step", dossier, make.OFFICER, step="2")
	opinion = frappe.db.get_value("Dossier Opinion", {"dossier": dossier}, "name")
	with pytest.raises(refused.NotYourDuty):
		give("answer_opinion", dossier, make.OFFICER, opinion=opinion, answer="Có")
	give("answer_opinion", dossier, make.CLERK, opinion=opinion, answer="Có")
	give("complete_step", dossier, make.OFFICER, step="2")


def test_an_obligation_stops_the_clock_until_it_is_paid():
	dossier = make.handed_over(make.LAND)
	due = make.value(dossier, "due_at")
	give("complete_step", dossier, make.OFFICER_OF_LAND, step="2")
	with pytest.raises(refused.AmountRefused):
		give("complete_step", dossier, make.TAX_OFFICER, step="3")
	give("complete_step", dossier, make.TAX_OFFICER, step="3", amount=2_500_000)
	assert (status(dossier), make.value(dossier, "national_status")) == ("Awaiting Payment", 6)
	assert make.value(dossier, "clock_state") == "Paused"
	payment = frappe.get_doc("Dossier Payment", {"dossier": dossier, "status": "Due"})
	assert payment.amount == 2_500_000
	with as_of(later(10)):
		give("confirm_payment", dossier, make.CLERK, method="Transfer", reference="BL01")
	assert status(dossier) == "In Process"
	assert make.value(dossier, "due_at") > due
	assert frappe.db.get_value("Dossier Payment", payment.name, "status") == "Paid"


def test_an_ad_hoc_obligation_pauses_and_resumes():
	dossier = make.handed_over()
	give("order_obligation", dossier, make.OFFICER, step="2", amount=50_000, reason="Phí xác minh")
	assert status(dossier) == "Awaiting Payment"
	give("confirm_payment", dossier, make.CLERK)
	assert status(dossier) == "In Process"


# Extension, refusal, ends


def test_a_second_extension_is_refused_and_the_first_due_date_stays_nd61_art_19_9():
	dossier = make.handed_over()
	due = make.value(dossier, "due_at")
	give("extend", dossier, make.CHAIRMAN, new_due=later(20), reason="Cần xác minh")
	assert make.value(dossier, "due_at") == later(20)
	assert make.value(dossier, "original_due_at") == due
	with pytest.raises(refused.CommandRefused):
		give("extend", dossier, make.CHAIRMAN, new_due=later(30), reason="Lần nữa")
	assert make.value(dossier, "extension_count") == 1


def test_the_applicant_accepts_an_extension_once_and_the_ledger_says_when_nd61_art_19_9():
	dossier = make.handed_over()
	citizen = make.citizen()
	frappe.db.set_value("Dossier", dossier, "applicant_user", citizen)
	frappe.db.commit()

	def accept(who: str) -> dict:
		frappe.set_user(who)
		try:
			return lifecycle.accept_extension(dossier, client_key=make.key())
		finally:
			frappe.set_user("Administrator")

	with pytest.raises(refused.NothingToAccept):
		accept(citizen)
	give("extend", dossier, make.CHAIRMAN, new_due=later(20), reason="Cần xác minh")
	with pytest.raises(refused.NotYourDuty):
		accept(make.citizen())
	accept(citizen)
	assert make.value(dossier, "due_at") == later(20)
	last = ledger.rows_of(dossier)[-1]
	assert (last.kind, last.actor or "") == ("extension_accepted", "")
	assert not ledger.verify(dossier)
	with pytest.raises(refused.NothingToAccept):
		accept(make.user(make.CLERK))


def test_an_extension_goes_forward_only_nd61_art_19_9():
	dossier = make.handed_over()
	with pytest.raises(refused.CommandRefused):
		give("extend", dossier, make.CHAIRMAN, new_due=later(-5), reason="Nhầm")


def test_a_refusal_after_appraisal_is_the_result_nd61_art_19_8():
	dossier = make.at_signature()
	give("refuse", dossier, make.CHAIRMAN, step="3", reason="Không đủ điều kiện")
	assert status(dossier) == "Finished"
	assert frappe.db.get_value("Dossier Result", {"dossier": dossier}, "refused") == 1
	give("return_result", dossier, make.CLERK)


@pytest.mark.parametrize(
	("command", "who", "ends"),
	[("withdraw", make.CLERK, "Withdrawn"), ("stop", make.CHAIRMAN, "Stopped")],
)
def test_withdrawing_and_stopping_end_the_dossier(command, who, ends):
	dossier = make.handed_over()
	give(command, dossier, who, reason="Theo đề nghị của người nộp")
	assert status(dossier) == ends
	assert make.value(dossier, "ended_at")
	assert make.step(dossier, "3").status == "Cancelled"
	with pytest.raises(refused.WrongStatus):
		give("claim", dossier, make.OFFICER, step="2")


# Corrections


def test_a_correction_is_on_record_and_keeps_the_code_nd61_art_21():
	dossier = make.received()
	code = make.value(dossier, "code")
	give("correct", dossier, make.CLERK, reason="Gõ sai tên", applicant_name="Người Thử Đúng Tên")
	assert make.value(dossier, "applicant_name") == "Người Thử Đúng Tên"
	assert make.step(dossier, "1").applicant_name == "Người Thử Đúng Tên"
	assert make.value(dossier, "code") == code
	assert ledger.verify(dossier) == []


def test_the_case_is_corrected_only_before_work_begins_and_counts_anew():
	case = "Xã miền núi, hải đảo, vùng khó khăn"
	dossier = make.received(make.LAND)
	due = make.value(dossier, "due_at")
	give("correct", dossier, make.CLERK, reason="Chọn nhầm", case_name=case)
	assert (make.value(dossier, "case_name"), make.value(dossier, "due_at") > due) == (case, True)
	assert make.value(dossier, "original_due_at") == make.value(dossier, "due_at")
	assert ledger.verify(dossier) == []
	begun = make.handed_over(make.LAND)
	with pytest.raises(refused.CommandRefused):
		give("correct", begun, make.CLERK, reason="Chọn nhầm", case_name=case)


@pytest.mark.parametrize(
	("name", "wrong"), [("procedure", "2.000908"), ("applicant_name", "x" * 200), ("applicant_kind", "Robot")]
)
def test_a_correction_takes_no_value_that_the_form_would_not(name, wrong):
	with pytest.raises(refused.CommandRefused):
		give("correct", make.received(), make.CLERK, reason="Sai", **{name: wrong})


def test_a_step_is_passed_on_by_who_has_it_only_nd61_art_19_1():
	dossier = make.at_signature()
	with pytest.raises(refused.NotYourDuty):
		give("delegate", dossier, make.CHAIRMAN, step="3", officer=make.user(make.VICE_CHAIRMAN))


def test_the_head_of_a_unit_that_only_takes_part_neither_stops_nor_extends():
	dossier = make.handed_over(make.LAND)
	with pytest.raises(refused.NotYourDuty):
		give("stop", dossier, make.CHAIRMAN, reason="Dừng")


def test_nobody_waits_for_an_opinion_beyond_its_deadline_nd61_art_19_5():
	dossier = make.handed_over()
	give(
		"ask_opinion",
		dossier,
		make.OFFICER,
		step="2",
		unit=make.CENTRE,
		question="Ý kiến?",
		answer_due=later(1),
	)
	with as_of(later(2)):
		give("complete_step", dossier, make.OFFICER, step="2")


def test_an_answer_undone_is_awaited_again():
	dossier = make.handed_over()
	facts = {"step": "2", "unit": make.CENTRE, "question": "Ý kiến?", "answer_due": later(2)}
	give("ask_opinion", dossier, make.OFFICER, **facts)
	opinion = frappe.db.get_value("Dossier Opinion", {"dossier": dossier}, "name")
	give("answer_opinion", dossier, make.CLERK, opinion=opinion, answer="Có")
	give("undo", dossier, make.CLERK, reason="Nhầm")
	assert frappe.db.get_value("Dossier Opinion", opinion, "status") == "Open"
	give("answer_opinion", dossier, make.CLERK, opinion=opinion, answer="Không")


def test_an_unanswered_supplement_at_intake_can_be_refused_nd61_art_17_1b():
	dossier = make.draft()
	give("request_supplement", dossier, make.CLERK, reason="Thiếu")
	give("refuse_at_intake", dossier, make.CLERK, reason="Không bổ sung")
	assert status(dossier) == "Not Received"


def test_what_an_applicant_handed_in_is_not_rewritten():
	dossier = make.draft()
	give("register", dossier, make.CLERK)
	with make.acting(make.CLERK):
		doc = frappe.get_doc("Dossier", dossier)
		doc.applicant_name = "Người Khác"
		with pytest.raises(refused.FactsLocked):
			doc.save()
		doc.reload()
		doc.components[0].missing_reason = "Đã đối chiếu"
		doc.save()
	frappe.db.commit()


def test_only_the_counter_that_receives_writes_a_draft():
	dossier = make.draft()
	with make.acting(make.CHAIRMAN):
		doc = frappe.get_doc("Dossier", dossier)
		assert not doc.has_permission("write") and doc.has_permission("read")


def test_a_paper_names_no_file_of_somebody_else():
	with make.acting(make.STRANGER):
		file = frappe.get_doc(
			{"doctype": "File", "file_name": "la.pdf", "content": b"%PDF-1.4 la", "is_private": 1}
		).insert()
	frappe.db.commit()
	dossier = make.draft()
	with make.acting(make.CLERK):
		doc = frappe.get_doc("Dossier", dossier)
		doc.components[0].file = file.file_url
		with pytest.raises(refused.FileRefused):
			doc.save()


def test_an_extension_names_a_day_to_come():
	dossier = make.handed_over()
	with as_of(later(30)), pytest.raises(refused.MomentRefused):
		give("extend", dossier, make.CHAIRMAN, new_due=later(20), reason="Trễ")


def test_the_last_action_is_undone_by_who_took_it_within_one_status():
	dossier = make.at_signature()
	with pytest.raises(refused.NotYourDuty):
		give("undo", dossier, make.CHAIRMAN, reason="Nhầm")
	give("undo", dossier, make.OFFICER, reason="Nhầm")
	assert (make.step(dossier, "2").status, make.step(dossier, "3").status) == ("In Progress", "Waiting") or (
		make.step(dossier, "2").status,
		make.step(dossier, "3").status,
	) == ("Open", "Waiting")
	assert ledger.verify(dossier) == []


def test_an_action_that_changed_the_notified_status_is_not_undone():
	dossier = make.handed_over()
	with pytest.raises(refused.NothingToUndo):
		give("undo", dossier, make.CLERK, reason="Nhầm")


def test_a_dossier_goes_to_the_competent_centre_before_reception_nd61_art_18_3():
	dossier = make.draft()
	with pytest.raises(refused.NotOffered):
		give("hand_over_to", dossier, make.CLERK, unit="H17.20", reason="Không thuộc thẩm quyền")
	give("hand_over_to", dossier, make.CLERK, unit="H17.41.01.01", reason="Thuộc xã Hòa Vang")
	assert make.value(dossier, "receiving_unit") == "H17.41.01.01"
	give("receive", dossier, make.STRANGER)


# Boundary of a command


def test_a_repeated_client_key_gets_the_first_answer_and_does_nothing():
	dossier, key = make.draft(), make.key()
	first = give("receive", dossier, make.CLERK, client_key=key)
	again = give("receive", dossier, make.CLERK, client_key=key)
	assert first == again
	assert len(ledger.rows_of(dossier)) == 1


def test_a_client_key_belongs_to_one_command():
	dossier, key = make.draft(), make.key()
	give("receive", dossier, make.CLERK, client_key=key)
	with pytest.raises(refused.ClientKeyReused):
		give("complete_step", dossier, make.CLERK, client_key=key, step="1", no_scan_reason="x")


def test_a_command_over_unsaved_changes_is_refused():
	dossier = make.draft()
	frappe.db.set_value("Dossier", dossier, "summary", "chưa lưu")
	with pytest.raises(refused.CommandInsideTransaction):
		give("receive", dossier, make.CLERK)
	frappe.db.rollback()


def test_a_refused_command_leaves_nothing_behind():
	dossier = make.at_signature()
	before = ledger.rows_of(dossier)
	with pytest.raises(refused.ReasonMissing):
		give("send_back", dossier, make.CHAIRMAN, step="3", to="2", reason="")
	assert ledger.rows_of(dossier) == before


# By law.md A.1-A.4, B.3 and F, written down by hand: in which statuses a command is possible at all.
D, R, N, P, S, F, W, X, Q, E = Status  # in the order of the national statuses 1 to 10
WORK, LIVE = {R, P, F}, {R, P, S, F}
POSSIBLE = {
	"register": {D},
	"acknowledge": {D},
	"receive": {D},
	"refuse_at_intake": {D, S},
	"request_supplement": {D, R, P},
	"take_in_supplement": {S},
	"add_papers": LIVE,
	"assign": WORK,
	"claim": WORK,
	"delegate": WORK,
	"complete_step": WORK,
	"skip_step": WORK,
	"send_back": WORK,
	"ask_opinion": WORK,
	"answer_opinion": LIVE,
	"order_obligation": {R, P},
	"confirm_payment": {F},
	"record_fee_payment": LIVE | {W, X, Q, E},
	"extend": {R, P},
	"accept_extension": LIVE,
	"stop": LIVE,
	"withdraw": LIVE | {D},
	"finish": {R, P},
	"refuse": {R, P},
	"return_result": {Q},
	"hand_over_to": {D, R},
	"correct": {R, P},
	"undo": LIVE,
	"follow_calendar": LIVE | {D},
	"follow_successor": LIVE | {D, Q},
	"follow_linked": LIVE,
}
OF_PEOPLE = sorted(set(COMMANDS) - {"follow_calendar", "follow_linked", "follow_successor"})


def test_the_ten_statuses_have_the_national_numbers():
	assert (N, S, F, Q, E) == (
		Status.NOT_RECEIVED,
		Status.AWAITING_SUPPLEMENT,
		Status.AWAITING_PAYMENT,
		Status.FINISHED,
		Status.RETURNED,
	)
	assert [NATIONAL[status] for status in (D, R, N, P, S, F, W, X, Q, E)] == list(range(1, 11))


def test_the_table_of_commands_is_what_the_law_allows():
	assert {name: set(command.sources) for name, command in COMMANDS.items()} == POSSIBLE


@pytest.mark.parametrize("command", OF_PEOPLE)
def test_every_command_is_refused_in_every_status_its_article_does_not_name(command):
	facts = {
		"assign": {"step": "2", "officer": make.user(make.OFFICER)},
		"delegate": {"step": "2", "officer": make.user(make.OFFICER)},
		"claim": {"step": "2"},
		"complete_step": {"step": "2"},
		"skip_step": {"step": "2", "reason": "x"},
		"send_back": {"step": "3", "to": "2", "reason": "x"},
		"ask_opinion": {"step": "2", "unit": make.CENTRE, "question": "x", "answer_due": later(2)},
		"answer_opinion": {"opinion": "x", "answer": "x"},
		"order_obligation": {"step": "2", "amount": 1, "reason": "x"},
		"extend": {"new_due": later(9), "reason": "x"},
		"finish": {"step": "3"},
		"refuse": {"step": "3", "reason": "x"},
		"hand_over_to": {"unit": "H17.41.01.01", "reason": "x"},
		"correct": {"reason": "x", "summary": "y"},
		"add_papers": {"papers": []},
	}.get(command, {"reason": "x"} if command in NEED_REASON else {})
	for state in Status:
		if state in POSSIBLE[command]:
			continue
		dossier = standing_at(state)
		before = len(ledger.rows_of(dossier))
		with pytest.raises((refused.WrongStatus, refused.NothingToUndo)):
			give(command, dossier, make.CLERK, **facts)
		assert len(ledger.rows_of(dossier)) == before


NEED_REASON = {"refuse_at_intake", "request_supplement", "stop", "withdraw", "undo"}
_standing: dict[Status, str] = {}


def standing_at(state: Status) -> str:
	"""A dossier in a status, made once; commands that are refused leave it as it is."""
	if state not in _standing:
		_standing[state] = _bring_to(state)
	assert NATIONAL[state] == make.value(_standing[state], "national_status")
	return _standing[state]


def _bring_to(state: Status) -> str:
	if state in (Status.DRAFT, Status.NOT_RECEIVED):
		dossier = make.draft()
		if state is Status.NOT_RECEIVED:
			give("refuse_at_intake", dossier, make.CLERK, reason="Không đúng thẩm quyền")
		return dossier
	if state is Status.RECEIVED:
		return make.received()
	if state is Status.AWAITING_PAYMENT:
		dossier = make.handed_over(make.LAND)
		give("complete_step", dossier, make.OFFICER_OF_LAND, step="2")
		give("complete_step", dossier, make.TAX_OFFICER, step="3", amount=1000)
		return dossier
	if state in (Status.FINISHED, Status.RETURNED):
		dossier = make.finished()
		if state is Status.RETURNED:
			give("return_result", dossier, make.CLERK)
		return dossier
	dossier = make.handed_over()
	command, who = {
		Status.IN_PROCESS: (None, None),
		Status.AWAITING_SUPPLEMENT: ("request_supplement", make.OFFICER),
		Status.WITHDRAWN: ("withdraw", make.CLERK),
		Status.STOPPED: ("stop", make.CHAIRMAN),
	}[state]
	if command:
		give(command, dossier, who, reason="Lý do")
	return dossier


def test_a_clerk_of_another_commune_may_do_nothing():
	dossier = make.draft()
	with pytest.raises(refused.NotYourDuty):
		give("receive", dossier, make.STRANGER)


# The ledger


def test_a_tampered_event_is_named():
	dossier = make.at_signature()
	row = ledger.rows_of(dossier)[1]
	frappe.db.set_value("Dossier Event", row.name, "actor", make.user(make.STRANGER), update_modified=False)
	found = ledger.verify(dossier)
	frappe.db.rollback()
	assert [finding.sequence for finding in found] == [2]


def test_a_removed_event_is_named():
	dossier = make.at_signature()
	frappe.db.delete("Dossier Event", {"dossier": dossier, "sequence": 2})
	found = ledger.verify(dossier)
	frappe.db.rollback()
	assert [finding.sequence for finding in found] == [2]


def test_a_changed_field_is_found_by_recomputing():
	dossier = make.at_signature()
	frappe.db.set_value("Dossier", dossier, "due_at", later(99), update_modified=False)
	found = ledger.verify(dossier)
	frappe.db.rollback()
	assert len(found) == 1 and "due_at" in found[0].what


def test_erasing_personal_words_keeps_the_chain_valid():
	dossier = make.at_signature()
	for row in ledger.rows_of(dossier):
		frappe.db.set_value(
			"Dossier Event",
			row.name,
			{"reason": None, "personal": None, "salt": None, "actor_name": None},
			update_modified=False,
		)
	assert list(ledger.broken_links(ledger.rows_of(dossier))) == []
	frappe.db.rollback()


@pytest.mark.parametrize(
	"forged", [{"reason": "Lý do khác"}, {"reason": "Lý do khác", "salt": None}, {"actor_name": "Ai đó"}]
)
def test_forged_words_are_found(forged):
	dossier = make.draft()
	give("refuse_at_intake", dossier, make.CLERK, reason="Không đúng thẩm quyền")
	frappe.db.set_value("Dossier Event", ledger.rows_of(dossier)[0].name, forged, update_modified=False)
	found = list(ledger.broken_links(ledger.rows_of(dossier)))
	frappe.db.rollback()
	assert [sequence for sequence, _what in found] == [1]


def test_a_whole_chain_removed_is_found():
	dossier = make.received()
	frappe.db.delete("Dossier Event", {"dossier": dossier})
	frappe.db.set_value("Dossier", dossier, {"event_count": 0, "last_hash": ""}, update_modified=False)
	found = ledger.verify(dossier)
	frappe.db.rollback()
	assert found


def test_changed_words_are_found():
	dossier = make.draft()
	give("refuse_at_intake", dossier, make.CLERK, reason="Không đúng thẩm quyền")
	row = ledger.rows_of(dossier)[0]
	frappe.db.set_value("Dossier Event", row.name, "reason", "Lý do khác", update_modified=False)
	found = list(ledger.broken_links(ledger.rows_of(dossier)))
	frappe.db.rollback()
	assert [sequence for sequence, _what in found] == [1]


# Frappe's own doors


def test_the_status_cannot_be_typed_in():
	dossier = make.draft()
	with make.acting(make.CLERK):
		doc = frappe.get_doc("Dossier", dossier)
		doc.status = "Finished"
		with pytest.raises(refused.OnlyByCommand):
			doc.save()


def test_a_draft_takes_no_computed_field_from_its_form():
	dossier = make.draft()
	with make.acting(make.CLERK):
		doc = frappe.get_doc("Dossier", dossier)
		doc.update(
			{"code": "000.00.00.H17-260101-0001", "due_at": later(99), "access_code": "X", "is_sample": 1}
		)
		doc.save()
	row = frappe.db.get_value(
		"Dossier", dossier, ["code", "due_at", "access_code", "is_sample"], as_dict=True
	)
	frappe.db.rollback()
	assert not any(row.values())


def test_a_received_dossier_cannot_be_saved_or_deleted():
	dossier = make.received()
	doc = frappe.get_doc("Dossier", dossier)
	doc.applicant_name = "Người Khác"
	with pytest.raises(refused.FactsLocked):
		doc.save()
	with pytest.raises(refused.OnlyByCommand):
		frappe.delete_doc("Dossier", dossier)


def test_frappes_workflow_reaches_the_commands_and_nothing_else():
	from frappe.model import workflow as frappe_workflow

	from one_stop.api import workflow

	dossier = make.draft()
	with make.acting(make.CLERK):
		actions = {row["action"] for row in workflow.get_transitions({"doctype": "Dossier", "name": dossier})}
		assert {"Receive", "Refuse at Intake"} <= actions
		with pytest.raises(refused.OnlyByCommand):
			frappe_workflow.apply_workflow(frappe.get_doc("Dossier", dossier), "Receive")
		frappe.db.rollback()
		workflow.apply_workflow({"doctype": "Dossier", "name": dossier}, "Receive")
		with pytest.raises(refused.CommandRefused):
			workflow.apply_workflow({"doctype": "Dossier", "name": dossier}, "Withdraw")
	assert status(dossier) == "Received"


@pytest.mark.parametrize("doctype", ["Dossier Event", "Dossier Step", "Dossier Access", "Dossier Result"])
def test_the_ledgers_tables_take_nothing_from_outside(doctype):
	dossier = make.received()
	with pytest.raises(refused.OnlyByCommand):
		frappe.get_doc({"doctype": doctype, "dossier": dossier}).insert(ignore_mandatory=True)


def test_a_receipt_takes_a_bounded_number_of_queries():
	dossier = make.draft()
	give("receive", make.draft(), make.CLERK)  # fills the caches
	counted, original = [], frappe.db.sql
	frappe.db.sql = lambda *args, **kwargs: counted.append(args[0]) or original(*args, **kwargs)
	try:
		give("receive", dossier, make.CLERK)
	finally:
		del frappe.db.sql
	assert len(counted) <= 60, "\n".join(map(str, counted))


def test_lifecycle_commands_and_table_agree():
	for name in COMMANDS:
		assert callable(getattr(lifecycle, name))


def test_an_extension_ends_in_working_time_law_f2():
	dossier = make.handed_over()
	day = later(30).date()
	saturday = add_days(day, (5 - day.weekday()) % 7)
	for moment in (f"{saturday} 03:17:00", f"{add_days(saturday, 2)} 23:00:00"):
		with pytest.raises(refused.MomentRefused):
			give("extend", dossier, make.CHAIRMAN, new_due=moment, reason="Chờ xác minh")


def test_a_moment_with_another_offset_is_taken_in_local_time():
	from one_stop.dossiers.command import moment_of

	assert str(moment_of("2026-11-25T02:00:00+00:00", "x")) == "2026-11-25 09:00:00"


def test_nothing_is_returned_online_without_an_electronic_result_nd61_art_20():
	dossier = make.finished()
	with pytest.raises(refused.ResultFileMissing):
		give("return_result", dossier, make.CLERK, way="Online")
	give("return_result", dossier, make.CLERK, way="Counter")


def test_a_draft_that_was_handed_in_changes_its_counter_by_handing_over_only_nd61_art_18_3():
	dossier = make.draft(channel="Online")
	with make.acting(make.CLERK):
		lifecycle.register(dossier, client_key=make.key())
		doc = frappe.get_doc("Dossier", dossier)
		doc.receiving_unit = "H17.41.01.01"
		doc.save()
	frappe.db.commit()
	assert make.value(dossier, "receiving_unit") == make.CENTRE
	assert not frappe.db.exists("Dossier Access", {"dossier": dossier, "unit": "H17.41.01.01"})


def test_the_calendar_moves_the_acknowledgement_of_what_was_handed_in_on_record():
	from one_stop.dossiers.command import on_behalf_of_system
	from one_stop.organization.recomputation import running_dossiers

	dossier = make.draft(channel="Online")
	with make.acting(make.CLERK):
		lifecycle.register(dossier, client_key=make.key())
	assert dossier in [row.name for row in running_dossiers([make.CENTRE])]
	with on_behalf_of_system():
		lifecycle.follow_calendar(dossier, client_key=make.key())
	assert ledger.rows_of(dossier)[-1].kind == "calendar_changed"
	assert ledger.verify(dossier) == []


def test_what_was_settled_is_not_recounted_when_the_result_is_returned(monkeypatch):
	from one_stop.dossiers import command

	dossier = make.finished()
	kept = make.value(dossier, "due_at"), make.value(dossier, "outcome")
	counted = ledger.dossier_fields

	def by_another_calendar(now, events, last_hash):
		return {**counted(now, events, last_hash), "due_at": later(99), "outcome": "Late"}

	monkeypatch.setattr(command.ledger, "dossier_fields", by_another_calendar)
	give("return_result", dossier, make.CLERK)
	assert (make.value(dossier, "due_at"), make.value(dossier, "outcome")) == kept
