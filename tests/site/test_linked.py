"""Linked dossiers: parts done by other agencies under their own procedures (NĐ 61/2018 art. 19.6, 19.7)."""

import frappe
import pytest

from one_stop.dossiers import effects, ledger, lifecycle, pages
from one_stop.dossiers import exceptions as refused
from one_stop.dossiers.command import on_behalf_of_system
from tests import factories as make
from tests.factories import give

pytestmark = pytest.mark.usefixtures("province")
LINKED = "2.002621"
POLICE, CHIEF, INSURANCE = "congan.cutru.haichau", "truongcongan.haichau", "canbo.bhxh"


def follow(dossier: str) -> None:
	"""What the job after the last event does, at once."""
	frappe.set_user("Administrator")
	effects.follow(dossier, ledger.rows_of(dossier)[-1].name)


def opened() -> tuple[str, str, str]:
	"""A linked dossier whose birth part is done: itself, the part of the police, and that of the insurance."""
	parent = make.handed_over(LINKED)
	give("complete_step", parent, make.OFFICER, step="2")
	follow(parent)
	parts = dict(frappe.get_all("Dossier", {"parent_dossier": parent}, ["parent_step", "name"], as_list=True))
	return parent, parts["3"], parts["4"]


def solve(part: str, officer: str, signer: str) -> None:
	give("complete_step", part, officer, step="1")
	give("finish", part, signer, step="2", result_number="01/LT")
	follow(part)


def test_both_parts_open_at_once_each_with_procedure_clock_and_code():
	parent, residence, card = opened()
	assert make.value(residence, "procedure") == "9.000002"
	assert make.value(card, "procedure") == "9.000003"
	assert make.value(residence, "deciding_unit") == "H17.31.01"
	assert make.value(card, "deciding_unit") == "H17.33"
	for part in (residence, card):
		assert make.value(part, "code") and make.value(part, "due_at")
		assert make.value(part, "root_dossier") == parent
	assert ledger.verify(parent) == []


def test_a_job_that_runs_twice_opens_nothing_twice():
	parent, _residence, _card = opened()
	follow(parent)
	for row in ledger.rows_of(parent):
		effects.follow(parent, row.name)
	assert frappe.db.count("Dossier", {"parent_dossier": parent}) == 2


def test_the_parts_results_come_back_and_end_the_whole():
	parent, residence, card = opened()
	solve(residence, POLICE, CHIEF)
	assert make.value(residence, "status") == "Returned"
	assert make.step(parent, "3").status == "Completed"
	assert make.value(parent, "status") == "In Process"
	solve(card, INSURANCE, INSURANCE)
	assert make.value(parent, "status") == "Finished"
	assert frappe.db.count("Dossier Result", {"dossier": parent}) == 2
	give("return_result", parent, make.CLERK)
	for dossier in (parent, residence, card):
		assert ledger.verify(dossier) == []


def test_a_supplement_of_a_part_stops_the_whole_and_goes_on_with_it():
	parent, residence, _card = opened()
	give("request_supplement", residence, POLICE, reason="Thiếu giấy tờ chỗ ở")
	follow(residence)
	assert make.value(parent, "status") == "Awaiting Supplement"
	give("take_in_supplement", residence, make.CLERK)
	follow(residence)
	assert make.value(parent, "status") == "In Process"


def test_a_refused_part_leaves_the_step_to_who_answers_for_the_whole():
	parent, residence, card = opened()
	give("complete_step", residence, POLICE, step="1")
	give("refuse", residence, CHIEF, step="2", reason="Không đủ điều kiện")
	follow(residence)
	step = make.step(parent, "3")
	assert step.status == "Open" and "Không đủ điều kiện" in step.note
	give("complete_step", parent, POLICE, step="3", note="Trả kết quả phần khai sinh và thẻ bảo hiểm")
	solve(card, INSURANCE, INSURANCE)
	assert make.value(parent, "status") == "Finished"


def test_a_part_under_way_is_not_completed_over_its_head():
	parent, _residence, _card = opened()
	with pytest.raises(refused.CommandRefused):
		give("complete_step", parent, POLICE, step="3")


def test_the_parts_of_a_withdrawn_whole_are_stopped():
	parent, residence, card = opened()
	give("withdraw", parent, make.CLERK, reason="Người nộp rút")
	follow(parent)
	assert {make.value(part, "status") for part in (residence, card)} == {"Stopped"}


def test_parts_that_end_together_finish_the_whole():
	parent, residence, card = opened()
	give("complete_step", residence, POLICE, step="1")
	give("finish", residence, CHIEF, step="2", result_number="01/LT")
	give("complete_step", card, INSURANCE, step="1")
	give("finish", card, INSURANCE, step="2", result_number="02/LT")
	follow(residence)
	follow(card)
	assert make.value(parent, "status") == "Finished"


def test_each_agency_sees_its_part_and_the_receiving_centre_sees_all():
	parent, residence, card = opened()
	seen = {}
	for name in (CHIEF, INSURANCE, make.CLERK):
		with make.acting(name):
			seen[name] = set(frappe.get_list("Dossier", pluck="name", limit=0))
	assert residence in seen[CHIEF] and card not in seen[CHIEF]
	assert card in seen[INSURANCE] and residence not in seen[INSURANCE]
	assert {parent, residence, card} <= seen[make.CLERK]
	with make.acting(make.CLERK):
		assert {row["relation"] for row in pages.process_view(parent)["linked"]} == {"child"}
		assert [row["name"] for row in pages.process_view(residence)["linked"]] == [parent]


def test_a_report_can_count_the_whole_once():
	parent, residence, card = opened()
	roots = frappe.get_all(
		"Dossier", filters={"name": ["in", [parent, residence, card]], "parent_dossier": ["is", "not set"]}
	)
	assert [row.name for row in roots] == [parent]


def ask(part: str, officer: str) -> None:
	give("request_supplement", part, officer, reason="Thiếu giấy tờ")
	follow(part)


def test_the_whole_waits_until_the_last_part_has_what_it_asked_for():
	parent, residence, card = opened()
	ask(residence, POLICE)
	ask(card, INSURANCE)
	assert make.value(parent, "status") == "Awaiting Supplement"
	give("take_in_supplement", residence, make.CLERK)
	follow(residence)
	assert make.value(parent, "status") == "Awaiting Supplement"
	with on_behalf_of_system():
		lifecycle.take_in_supplement(card, client_key=make.key())
	follow(card)
	assert make.value(parent, "status") == "In Process"
	assert all(ledger.verify(dossier) == [] for dossier in (parent, residence, card))


def test_what_is_brought_to_the_counter_of_the_whole_reaches_the_part_that_asked_nd61_art_19_7():
	parent, residence, _card = opened()
	lacking = frappe.get_all(
		"Dossier Component", {"parent": residence, "file": ["is", "not set"]}, pluck="component_name"
	)
	ask(residence, POLICE)
	with make.acting(make.CLERK):
		scan = make.scan(parent)
	papers = [{"component": lacking[0], "file": scan}]
	give("take_in_supplement", parent, make.CLERK, papers=papers)
	follow(parent)
	assert make.value(residence, "status") == "In Process"
	assert scan in frappe.get_all("Dossier Component", {"parent": residence}, pluck="file")
	follow(residence)
	assert make.value(parent, "status") == "In Process"
	assert ledger.verify(residence) == ledger.verify(parent) == []


def test_the_end_of_the_part_that_was_waited_for_lets_the_whole_go_on():
	parent, residence, _card = opened()
	ask(residence, POLICE)
	give("stop", residence, CHIEF, reason="Người nộp không bổ sung")
	follow(residence)
	assert make.value(parent, "status") == "In Process"
	assert "không bổ sung" in make.step(parent, "3").note


def test_a_supplement_asked_of_the_whole_is_not_ended_by_a_part():
	parent, residence, _card = opened()
	give("request_supplement", parent, POLICE, reason="Thiếu tờ khai chung")
	ask(residence, POLICE)
	give("take_in_supplement", residence, make.CLERK)
	follow(residence)
	assert make.value(parent, "status") == "Awaiting Supplement"


def test_a_part_that_cannot_be_received_waits_at_its_own_counter_and_says_why(monkeypatch):
	from one_stop.dossiers import intake

	def refuse(*_arguments):
		frappe.throw("Thiếu câu trả lời bắt buộc", refused.AnswersRefused)

	parent = make.handed_over(LINKED)
	give("complete_step", parent, make.OFFICER, step="2")
	monkeypatch.setattr(intake, "_check_answers", refuse)
	follow(parent)
	parts = frappe.get_all("Dossier", {"parent_dossier": parent}, ["status", "receiving_unit"])
	assert {row.status for row in parts} == {"Draft"} and all(row.receiving_unit for row in parts)
	assert "Thiếu câu trả lời bắt buộc" in make.step(parent, "3").note
	assert ledger.verify(parent) == []


def test_the_result_of_a_part_can_be_opened_where_the_whole_was_received_nd61_art_19_7():
	parent, residence, card = opened()
	give("complete_step", residence, POLICE, step="1")
	with make.acting(CHIEF):
		file = make.scan(residence, "kết quả")
	give("finish", residence, CHIEF, step="2", result_number="01/LT", result_file=file)
	follow(residence)
	solve(card, INSURANCE, INSURANCE)
	assert file in frappe.get_all("Dossier Result", {"dossier": parent}, pluck="file")
	with make.acting("tiepnhan2.haichau"):
		held = frappe.get_all("File", {"file_url": file, "attached_to_name": parent}, pluck="name")
		assert frappe.get_doc("File", held[0]).has_permission("read")


def test_the_whole_shows_the_parts_of_its_parts():
	parent, residence, _card = opened()
	below = make.received()
	values = {"parent_dossier": residence, "root_dossier": parent}
	frappe.db.set_value("Dossier", below, values)
	frappe.db.commit()
	with make.acting(make.CLERK):
		shown = {row["name"]: row["depth"] for row in pages.linked(parent, None)}
		assert (shown[residence], shown[below]) == (1, 2)
		assert [row["name"] for row in pages.linked(below, residence)] == [residence]


def test_answers_and_papers_go_along_by_the_rule_of_the_step_nd61_art_19_7(monkeypatch):
	"""Under another name where a line of the step says so, under the same name otherwise."""
	from dataclasses import replace

	from one_stop.dossiers import linked
	from one_stop.procedures.terms import applicable_steps, version_on

	parent = make.handed_over(LINKED)
	form = frappe.get_cached_doc("Procedure Version", version_on("9.000002", frappe.utils.getdate()).name)
	above = frappe.get_doc("Dossier", parent)
	wanted = next(row.component_name for row in form.components if not row.channel)
	source = next(row.component_name for row in above.components if row.component_name != wanted)

	def with_a_rule(*arguments, **options):
		return [
			replace(step, carried_over={wanted: source}) if step.linked_procedure else step
			for step in applicable_steps(*arguments, **options)
		]

	monkeypatch.setattr(linked, "applicable_steps", with_a_rule)
	url = make.scan(parent)
	give("add_papers", parent, make.OFFICER, papers=[{"component": source, "file": url}])
	give("complete_step", parent, make.OFFICER, step="2")
	follow(parent)
	part = frappe.db.get_value("Dossier", {"parent_dossier": parent, "procedure": "9.000002"})
	kept = frappe.get_all("Dossier Component", {"parent": part}, ["component_name", "file", "submitted"])
	assert next(row for row in kept if row.component_name == wanted).file == url


def test_a_part_whose_step_is_left_out_is_stopped_and_moves_the_whole_no_more():
	parent, residence, card = opened()
	give("skip_step", parent, POLICE, step="3", reason="Đã có hộ khẩu")
	follow(parent)
	assert make.value(residence, "status") == "Stopped"
	follow(residence)
	assert make.value(parent, "status") == "In Process"
	solve(card, INSURANCE, INSURANCE)
	assert make.value(parent, "status") == "Finished"
	assert all(ledger.verify(dossier) == [] for dossier in (parent, residence, card))


def test_a_part_that_waits_at_its_counter_ends_with_the_whole(monkeypatch):
	from one_stop.dossiers import intake

	def refuse(*_arguments):
		frappe.throw("Thiếu", refused.AnswersRefused)

	parent = make.handed_over(LINKED)
	give("complete_step", parent, make.OFFICER, step="2")
	monkeypatch.setattr(intake, "_check_answers", refuse)
	follow(parent)
	monkeypatch.undo()
	(waiting, asked) = frappe.get_all(
		"Dossier", {"parent_dossier": parent}, pluck="name", order_by="creation"
	)
	with on_behalf_of_system():
		lifecycle.request_supplement(asked, client_key=make.key(), reason="Thiếu")
	give("withdraw", parent, make.CLERK, reason="Người nộp rút")
	follow(parent)
	assert not frappe.db.exists("Dossier", waiting)
	assert make.value(asked, "status") == "Not Received"


def test_a_linked_procedure_that_cannot_be_opened_is_said_at_its_step(monkeypatch):
	from one_stop.dossiers import linked

	monkeypatch.setattr(linked, "offer_for", lambda *_arguments: None)
	parent = make.handed_over(LINKED)
	give("complete_step", parent, make.OFFICER, step="2")
	follow(parent)
	assert "liên thông" in make.step(parent, "3").note
	follow(parent)
	assert ledger.verify(parent) == []
