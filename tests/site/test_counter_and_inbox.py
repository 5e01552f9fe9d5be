"""What the counter and the inboxes ask of the server: within the caller's rights, and counted as the lists count."""

import json
from random import randint

import frappe
import pytest
from frappe.utils import now_datetime

from one_stop.api import inbox, reception
from one_stop.dossiers import exceptions as refused
from one_stop.organization import units
from tests import factories as make
from tests.factories import give

pytestmark = pytest.mark.usefixtures("province")


def id_number() -> str:
	return f"048191{randint(0, 999_999):06d}"


def private_file(name: str) -> str:
	"""A file of the present user's, on nothing yet."""
	content = f"%PDF-1.4 {frappe.generate_hash(length=20)}\n%%EOF"
	file = frappe.get_doc({"doctype": "File", "file_name": name, "content": content, "is_private": 1})
	file.insert()
	frappe.db.commit()
	return file.file_url


def with_result(person: str) -> tuple[str, str]:
	"""A finished dossier of a person with an electronic result: its name, and the file's address."""
	dossier = make.at_signature(applicant_id_number=person)
	with make.acting(make.CHAIRMAN):
		url = private_file("ket-qua.pdf")
	give("finish", dossier, make.CHAIRMAN, step="3", result_number="01/KS", result_file=url)
	return dossier, url


# Earlier results used again (NĐ 61/2018 art. 20.5)


def test_earlier_results_are_found_by_the_persons_id_number():
	person = id_number()
	dossier, url = with_result(person)
	with make.acting(make.CLERK):
		[result] = reception.earlier_results(person)
		assert reception.earlier_results(id_number()) == []
	assert (result["file"], result["number"], result["code"]) == (url, "01/KS", make.value(dossier, "code"))


def test_earlier_results_are_told_to_clerks_who_see_the_dossier_only(monkeypatch):
	person = id_number()
	with_result(person)
	monkeypatch.setitem(frappe.flags, "in_test", False)  # Frappe asks for no role in tests
	with make.acting(make.OFFICER), pytest.raises(frappe.PermissionError):
		reception.earlier_results(person)
	with make.acting(make.STRANGER):
		assert reception.earlier_results(person) == []


def use_again(person: str, code: str, url: str, clerk: str = make.CLERK) -> str:
	name = make.draft(applicant_id_number=person)
	with make.acting(clerk):
		doc = frappe.get_doc("Dossier", name)
		doc.components[0].update({"file": url, "reused_from": code, "submitted": 1})
		doc.save()
		frappe.db.commit()
	return name


def test_a_result_used_again_can_be_read_with_its_new_dossier():
	person = id_number()
	earlier, url = with_result(person)
	dossier = use_again(person, make.value(earlier, "code"), url)
	assert frappe.db.exists(
		"File",
		{"file_url": url, "attached_to_doctype": "Dossier", "attached_to_name": dossier, "is_private": 1},
	)


def test_a_result_of_somebody_else_is_not_used():
	earlier, url = with_result(id_number())
	with pytest.raises(refused.ResultNotTheirs):
		use_again(id_number(), make.value(earlier, "code"), url)


def test_a_file_that_is_no_result_is_not_used_as_one():
	person = id_number()
	earlier, _url = with_result(person)
	with make.acting(make.CHAIRMAN):
		other = private_file("khac.pdf")
	with pytest.raises(refused.ResultNotTheirs):
		use_again(person, make.value(earlier, "code"), other)


# Post (QĐ 45/2016/QĐ-TTg art. 7)


def minutes(*dossiers: str, **changed) -> dict:
	facts = {
		"signed_at": str(now_datetime().replace(microsecond=0)),
		"carrier": "Bưu điện Việt Nam",
		"postman": "Ngô Văn Giao Thư",
		"slips": json.dumps([f"EA{at}VN" for at, _one in enumerate(dossiers)]),
	}
	return reception.sign_handover(json.dumps(dossiers), **{**facts, **changed})


def test_minutes_list_the_drafts_that_came_by_post_with_their_slips():
	dossiers = [make.draft(channel="Post") for _number in range(2)]
	with make.acting(make.CLERK):
		assert len(reception.without_handover(json.dumps(dossiers))) == 2
		name = minutes(*dossiers)["name"]
		assert reception.without_handover(json.dumps(dossiers)) == []
	doc = frappe.get_doc("Postal Handover", name)
	assert doc.docstatus == 1
	assert [(row.dossier, row.slip_number) for row in doc.items] == [
		(dossiers[0], "EA0VN"),
		(dossiers[1], "EA1VN"),
	]


def test_drafts_of_another_counter_get_no_minutes():
	dossier = make.draft(channel="Post")
	with make.acting(make.STRANGER), pytest.raises(refused.NotYourDuty):
		minutes(dossier)
	frappe.db.rollback()
	assert not frappe.db.exists("Postal Handover Item", {"dossier": dossier})


# Inboxes


def test_a_step_that_a_colleague_took_is_not_mine_to_sign():
	dossier = make.at_signature()
	step = make.step(dossier, "3").name

	def to_sign(who: str) -> bool:
		with make.acting(who):
			[queue] = inbox.queues(keys='["to_sign"]')
			return bool(
				frappe.get_list("Dossier Step", filters=[*queue["filters"], ["name", "=", step]], limit=1)
			)

	assert to_sign(make.CHAIRMAN) and to_sign(make.VICE_CHAIRMAN)
	give("claim", dossier, make.VICE_CHAIRMAN, step="3")
	assert not to_sign(make.CHAIRMAN) and to_sign(make.VICE_CHAIRMAN)


def steps_in(queue: str) -> set[str]:
	"""The dossiers whose steps an inbox of the present user lists."""
	[found] = inbox.queues(keys=json.dumps([queue]))
	rows = frappe.get_list("Dossier Step", filters=found["filters"], pluck="dossier", limit=0)
	assert len(rows) == found["count"]
	return set(rows)


@pytest.fixture
def member(connection):
	"""Changes the membership of a person with a duty, and puts it back."""
	changed: list[tuple[str, dict]] = []

	def change(user: str, duty: str, **values) -> None:
		name = frappe.db.get_value("Unit Member", {"user": make.user(user), "duty": duty})
		changed.append((name, frappe.db.get_value("Unit Member", name, list(values), as_dict=True)))
		frappe.db.set_value("Unit Member", name, values)
		frappe.db.commit()
		units.MEMBERS.forget()

	yield change
	frappe.db.rollback()
	for name, before in changed:
		frappe.db.set_value("Unit Member", name, dict(before))
	frappe.db.commit()
	units.MEMBERS.forget()


def test_who_stands_in_for_somebody_finds_their_work_in_the_own_inbox(member):
	dossier, waiting = make.handed_over(), make.at_signature()
	give("claim", dossier, make.OFFICER, step="2")
	give("claim", waiting, make.CHAIRMAN, step="3")
	with make.acting(make.OTHER_CLERK):
		assert dossier not in steps_in("mine")
	member(make.OFFICER, "Appraisal", delegate=make.user(make.OTHER_CLERK))
	member(make.CHAIRMAN, "Approval", delegate=make.user(make.VICE_CHAIRMAN))
	with make.acting(make.OTHER_CLERK):
		assert dossier in steps_in("mine")
		give("complete_step", dossier, make.OTHER_CLERK, step="2")
	with make.acting(make.VICE_CHAIRMAN):
		assert waiting in steps_in("to_sign")


@pytest.fixture
def colleague(connection):
	"""Somebody with the officer's duty in the officer's unit, for the time of a test."""
	values = {"user": make.user(make.OTHER_CLERK), "unit": make.COMMITTEE, "duty": "Appraisal"}
	doc = frappe.get_doc({"doctype": "Unit Member", **values, "from_date": "2026-01-01"}).insert()
	frappe.db.commit()
	units.MEMBERS.forget()
	yield make.OTHER_CLERK
	frappe.db.rollback()
	frappe.set_user("Administrator")
	doc.delete()
	frappe.db.commit()
	units.MEMBERS.forget()


def test_the_work_of_who_has_left_is_unclaimed(member, colleague):
	dossier = make.handed_over()
	give("claim", dossier, make.OFFICER, step="2")
	with make.acting(colleague):
		assert dossier not in steps_in("unclaimed")
	member(make.OFFICER, "Appraisal", to_date="2026-01-01")
	with make.acting(colleague):
		assert dossier in steps_in("unclaimed")
	give("claim", dossier, colleague, step="2")


def test_a_dossier_that_waits_for_its_reception_is_warned_of_as_well():
	person = id_number()
	waiting = make.draft(channel="Online", applicant_id_number=person)
	with make.acting(make.CLERK):
		assert reception.known_applicant(person, make.BIRTH)["open"] == []
	give("register", waiting, make.CLERK)
	with make.acting(make.CLERK):
		assert reception.known_applicant(person, make.BIRTH)["open"] == [{"name": waiting, "code": None}]


def test_whose_opinion_is_asked_finds_it_in_the_inbox():
	dossier = make.handed_over()
	give(
		"ask_opinion",
		dossier,
		make.OFFICER,
		step="2",
		unit=make.COMMITTEE,
		question="Đề nghị cho ý kiến",
		answer_due=frappe.utils.add_days(now_datetime(), 3),
	)
	with make.acting(make.OFFICER):
		[queue] = inbox.queues(keys='["opinions"]')
		found = frappe.get_list("Dossier Opinion", filters=queue["filters"], pluck="dossier", limit=0)
		opinions = frappe.get_all("Dossier Opinion", {"dossier": dossier}, pluck="name")
		left = inbox.remaining("Dossier Opinion", json.dumps(opinions))[opinions[0]]
	assert dossier in found
	assert left["text"].startswith("còn")


def test_remaining_time_is_in_words_and_names_who_has_the_step():
	dossier = make.handed_over()
	give("claim", dossier, make.OFFICER, step="2")
	step = make.step(dossier, "2").name
	with make.acting(make.OFFICER):
		answer = inbox.remaining("Dossier Step", json.dumps([step]))[step]
	assert answer["text"].startswith("còn") or answer["text"].startswith("quá")
	assert answer["officer"] == frappe.utils.get_fullname(make.user(make.OFFICER))


def test_remaining_time_of_what_one_may_not_see_is_left_out():
	dossier = make.received()
	with make.acting(make.STRANGER):
		assert inbox.remaining("Dossier", json.dumps([dossier])) == {}


def test_many_steps_are_done_one_by_one_and_a_repeated_key_does_nothing_twice():
	dossiers = [make.handed_over() for _number in range(2)]
	steps = json.dumps([make.step(dossier, "2").name for dossier in dossiers])
	key = make.key()
	with make.acting(make.OFFICER):
		first = inbox.many("complete_step", steps, key, note="Đủ điều kiện")
		again = inbox.many("complete_step", steps, key, note="Đủ điều kiện")
	assert len(first["done"]) == 2 and not first["refused"]
	assert sorted(again["done"]) == sorted(first["done"])
	for dossier in dossiers:
		assert frappe.db.count("Dossier Event", {"dossier": dossier, "step": "2"}) == 1


def test_only_what_needs_no_more_than_a_note_is_done_for_many():
	with make.acting(make.OFFICER), pytest.raises(refused.CommandRefused):
		inbox.many("finish", "[]", make.key())


def test_the_calendar_follows_no_filter_on_personal_facts():
	person = id_number()
	dossier = make.received(applicant_id_number=person)
	day = str(make.value(dossier, "due_at").date())

	def shown(*filters) -> set[str]:
		with make.acting(make.CLERK):
			return {row["name"] for row in inbox.due_dates(day, day, filters=json.dumps(filters))}

	assert dossier in shown()
	assert dossier in shown(["Dossier", "applicant_id_number", "=", "048000000000"])
	assert dossier not in shown(["Dossier", "status", "=", "Finished"])
	with make.acting(make.STRANGER):
		assert dossier not in {row["name"] for row in inbox.due_dates(day, day)}
