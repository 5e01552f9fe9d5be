"""Handing in from home, over HTTP: what is interrupted, sent twice, too large, too many or skipped."""

import io
import json

import frappe
import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage

from one_stop.citizen_portal import accounts, drafts, own_files, supplements
from one_stop.citizen_portal.rendering import FormError
from one_stop.citizen_portal.uploads import UnknownFileType, inspect
from one_stop.dossiers.command import in_own_transaction
from tests import factories

USER = "edge-citizen@example.com"


@pytest.fixture(scope="module", autouse=True)
def province(connection):
	from one_stop import sample

	sample.load(dossiers=False)


def image(number: int = 0, kind: str = "PNG", **options) -> bytes:
	out = io.BytesIO()
	Image.new("RGB", (30, 20), (number, 9, 9)).save(out, kind, **options)
	return out.getvalue()


def state(dossier: str) -> tuple[str, int]:
	frappe.db.rollback()
	return factories.value(dossier, "status"), frappe.db.count("File", {"attached_to_name": dossier})


# Supplements


@pytest.fixture
def awaiting(citizen):
	"""A dossier of the citizen's that lacks a paper, and how to answer with some files. Returns name and function."""
	dossier = factories.handed_over()
	frappe.db.set_value("Dossier", dossier, "applicant_user", USER)
	frappe.db.commit()
	lack = [{"component": frappe.db.get_value("Dossier Component", {"parent": dossier}, "component_name")}]
	factories.give("request_supplement", dossier, factories.OFFICER, reason="Thiếu chữ ký", items=lack)
	token = citizen.token(f"/ho-so/{dossier}")

	def send(key: str, count: int = 1):
		form = {"action": "supplement", "key": key, "csrf_token": token}
		files = [("item-0", (f"anh-{number}.png", image(number), "image/png")) for number in range(count)]
		return citizen.post(f"/ho-so/{dossier}", form, files=files)

	return dossier, send


def test_more_files_than_a_paper_takes_are_refused_not_dropped(awaiting):
	dossier, send = awaiting
	before = state(dossier)
	answer = send("k1", drafts.MOST_FILES_A_PAPER + 1)
	assert answer.status_code == 422 and "tối đa 5 tệp" in answer.text
	assert state(dossier) == before


def test_papers_sent_twice_are_taken_in_once(awaiting):
	dossier, send = awaiting
	assert [send("k1").status_code, send("k1").status_code] == [303, 303]
	assert state(dossier)[0] != "Awaiting Supplement"
	assert frappe.db.count("Dossier Event", {"dossier": dossier, "kind": "supplement_received"}) == 1
	assert frappe.db.count("File", {"attached_to_name": dossier, "file_name": ["like", "anh-0%"]}) == 1


def test_papers_nobody_asks_for_are_not_kept(awaiting):
	dossier, send = awaiting
	send("k1")
	before = state(dossier)
	assert send("k2").status_code == 422
	assert state(dossier) == before


def test_papers_taken_in_stay_though_the_process_dies_right_after(awaiting, monkeypatch):
	dossier, _send = awaiting
	take_in = supplements.lifecycle.take_in_supplement

	def take_in_and_die(*arguments, **facts):
		take_in(*arguments, **facts)
		raise SystemExit

	class Sent:
		def files(self, name: str) -> list:
			picture = FileStorage(io.BytesIO(image(7)), "anh-7.png")
			return [picture] if name == "item-0" else []

		def long_text(self, _name: str, _most: int = 0) -> str:
			return ""

	monkeypatch.setattr(supplements.lifecycle, "take_in_supplement", take_in_and_die)
	frappe.set_user(USER)
	with pytest.raises(SystemExit):
		supplements.send(dossier, USER, "k9", Sent())
	frappe.set_user("Administrator")
	status, _files = state(dossier)
	assert status != "Awaiting Supplement"
	assert frappe.db.exists("File", {"attached_to_name": dossier, "file_name": ["like", "anh-7%"]})


# Drafts


def test_who_it_is_for_cannot_be_skipped(citizen):
	name = factories.filled_in(USER)
	draft = drafts.own(USER, name)
	for wrong in (
		{"applicant_id_number": ""},
		{"applicant_id_number": "12"},
		{"applicant_birth_date": "2999-01-01"},
		{"applicant_email": "abc@x"},
		{"applicant_phone": ""},
	):
		draft.person = {**drafts.own(USER, name).person, **wrong}
		assert set(drafts.problems(draft)) == {"nguoi-nop"}, wrong
		with pytest.raises(FormError):
			drafts.hand_in(draft)
	draft.person, draft.on_behalf = drafts.own(USER, name).person, 1
	assert "authorised_name" in drafts.problems(draft)["nguoi-nop"]
	drafts.save(draft)
	frappe.db.commit()
	answer = citizen.post(
		f"/nop-ho-so/{name}/xem-lai",
		{
			"truth": "1",
			"consent": "1",
			"consent_version": str(frappe.get_attr("one_stop.citizen_portal.consent.version")()),
			"csrf_token": citizen.token(f"/nop-ho-so/{name}/xem-lai"),
		},
	)
	assert answer.headers["Location"].startswith(f"/nop-ho-so/{name}/nguoi-nop")


def interrupted() -> str:
	"""A process that died between making the dossier and registering it."""
	draft = drafts.own(USER, factories.filled_in(USER))
	dossier = in_own_transaction(lambda: drafts._made_once(draft, {}))
	frappe.db.set_value(
		"Dossier", dossier, "creation", frappe.utils.add_to_date(None, minutes=-10), update_modified=False
	)
	frappe.db.commit()
	return dossier


def test_a_handing_in_that_was_interrupted_is_finished(citizen):
	dossier = interrupted()
	assert drafts.finish_interrupted() == 1
	frappe.db.rollback()
	row = frappe.db.get_value("Dossier", dossier, ["submitted_at", "event_count"], as_dict=True)
	assert row.submitted_at and row.event_count == 1
	assert frappe.db.get_value("Dossier Event", {"dossier": dossier}, "kind") == "registered"
	assert frappe.session.user == "Administrator"
	assert drafts.finish_interrupted() == 0


def test_what_is_refused_when_it_is_finished_is_a_draft_again(citizen):
	dossier = interrupted()
	frappe.db.set_value("Dossier Component", {"parent": dossier, "required": 1}, "missing_reason", None)
	frappe.db.commit()
	before = {row.name for row in drafts.list_of(USER)}
	drafts.finish_interrupted()
	frappe.db.rollback()
	assert not frappe.db.exists("Dossier", dossier)
	assert len({row.name for row in drafts.list_of(USER)} - before) == 1


def test_of_two_pages_of_one_draft_each_keeps_what_it_changed(citizen):
	name = factories.filled_in(USER)
	one, other = drafts.own(USER, name), drafts.own(USER, name)
	paper = one.components()[0].component_name
	drafts.add_file(one, paper, "anh.png", image(1))
	other.answers = {**other.answers, "ghi_chu": "trang thứ hai"}
	drafts.save(other, "to-khai")
	drafts.save(one, "giay-to")
	third = drafts.own(USER, name)
	drafts.add_file(third, paper, "anh-hai.png", image(2))
	fourth = drafts.own(USER, name)
	drafts.remove_file(fourth, one.papers[paper][0]["file"])
	drafts.save(third)
	drafts.save(fourth)
	kept = drafts.own(USER, name)
	assert kept.answers["ghi_chu"] == "trang thứ hai"
	assert [row["name"] for row in kept.papers[paper]] == [third.papers[paper][1]["name"]]
	assert {"to-khai", "giay-to"} <= set(kept.done)


# Files


def test_a_picture_of_several_pages_is_refused_not_cut():
	pages = image(1, "TIFF", save_all=True, append_images=[Image.new("RGB", (30, 20))])
	with pytest.raises(UnknownFileType, match="nhiều trang"):
		inspect(pages, "quet.tiff")
	assert inspect(image(1, "TIFF"), "quet.tiff").extension == "jpg"


def test_nobody_sees_the_name_another_gave_to_the_same_file(connection):
	mine, others = factories.handed_over(), factories.handed_over()
	connection.db.set_value("Dossier", mine, "applicant_user", USER)
	content = f"cùng một nội dung {factories.key()}"
	urls = {}
	for dossier, name in ((others, "bi-mat-cua-A.txt"), (mine, "cua-toi.txt")):
		doc = connection.get_doc(
			{
				"doctype": "File",
				"file_name": name,
				"content": content,
				"is_private": 1,
				"attached_to_doctype": "Dossier",
				"attached_to_name": dossier,
			}
		).insert()
		paper = connection.get_all("Dossier Component", {"parent": dossier}, pluck="name", limit=1)[0]
		connection.db.set_value("Dossier Component", paper, "file", doc.file_url)
		urls[dossier] = doc.file_url
	connection.db.commit()
	assert len(set(urls.values())) == 1, "Frappe keeps the same content once"
	[row] = [row for row in own_files.of_dossier(USER, mine) if row["kind"] == "Paper"]
	assert row["name"] == "cua-toi.txt"


def test_a_request_of_many_files_reaches_the_application(citizen, connection):
	name = factories.filled_in(USER)
	token = citizen.token(f"/nop-ho-so/{name}/giay-to")
	large = b"%PDF-1.4\n" + b"0" * (12 * 2**20)
	answer = citizen.post(
		f"/nop-ho-so/{name}/giay-to",
		{"add": "1", "csrf_token": token},
		files={f"paper-{drafts.own(USER, name).components()[0].idx}": ("lon.pdf", large, "application/pdf")},
	)
	assert answer.status_code == 422 and "lon.pdf" in answer.text, "refused for what it is, not for its size"


# Ways in


def test_a_code_that_cannot_be_sent_is_not_promised(connection):
	connection.db.set_single_value("SMS Settings", "sms_gateway_url", "")
	with pytest.raises(FormError) as refused:
		accounts.send_code("register", "phone", "0900000001")
	assert "Hiện chưa gửi được mã" in json.dumps(refused.value.messages, ensure_ascii=False)


@pytest.mark.parametrize(
	"path", ["/app/dossier/abc", "/app/dossier/view/list", "/app/dossier/view/report/x", "/app/a/b/c/d"]
)
def test_whoever_is_not_signed_in_is_led_from_the_desk_to_its_login(guest, path):
	answer = guest.get(path)
	assert answer.status_code in (301, 302, 303), answer.status_code
	assert answer.headers["Location"].startswith("/login?redirect-to=")
