"""What the system writes down beside its work holds nothing about people: logs, errors, queues, letters."""

import re
import time
from pathlib import Path

import frappe
import pytest

from one_stop.citizen_portal import accounts, error_records, messages
from tests import factories
from tests.edge.test_sms import Gateway
from tests.site import mail_catcher

SECRET = "k8Qw4zVb9xTn"


def logged() -> str:
	return (Path(frappe.utils.get_bench_path()) / "logs" / "nginx.log").read_text(errors="replace")


@pytest.mark.parametrize(
	("path", "kept"),
	[
		(f"/tra-cuu?ma=H47.16.05-1&kt={SECRET}", "/tra-cuu"),
		(f"/danh-gia/{SECRET}", "/danh-gia/-"),
		(f"/dang-nhap/vneid/ve?code={SECRET}&state={SECRET}", "/dang-nhap/vneid/ve"),
		(f"/ho-so/{SECRET}", "/ho-so/-"),
		(f"/private/files/{SECRET}.pdf", "/private/-"),
		(f"/files/{SECRET}.pdf", "/files/-"),
		(f"/api/resource/Dossier/{SECRET}", "/api/resource/Dossier/-"),
		(f"/app/user/{SECRET}@example.com", "/app/user/-"),
	],
)
def test_the_log_of_requests_holds_no_code_token_name_or_address(guest, base_url, path, kept):
	before = len(logged())
	guest.get(path, headers={"Referer": f"{base_url}/danh-gia/{SECRET}", "User-Agent": SECRET})
	end = time.monotonic() + 10
	while not re.search(rf'"GET {re.escape(kept)}" \d+', new := logged()[before:]):
		assert time.monotonic() < end, new
		time.sleep(0.1)
	assert SECRET not in new and "127.0.0.1" not in new
	assert "127.0.0.0 [" in new


def test_an_error_is_kept_without_the_values_that_were_at_hand(site):
	number = SECRET  # noqa: F841
	lines = f"first line\n{SECRET} on a further line"  # noqa: F841
	try:
		raise ValueError("what went wrong")
	except ValueError:
		frappe.log_error(title="Edge")
	kept = frappe.get_last_doc("Error Log", {"method": "Edge"}).error
	assert SECRET not in kept
	assert "what went wrong" in kept and "test_traces.py" in kept


def test_the_log_of_errors_holds_no_field_of_the_request(guest, site):
	error_records.keep_forms_out_of_logs()
	error_records.keep_forms_out_of_logs()
	frappe.local.form_dict.update({"old": SECRET})
	mark = factories.key()
	frappe.logger(with_more_info=True).error(mark)
	frappe.local.form_dict.pop("old")
	for handler in frappe.logger(with_more_info=True).handlers:
		handler.flush()
	logs = [Path(frappe.get_site_path("logs", "frappe.log")), *_bench_logs("frappe.log*")]
	texts = [path.read_text(errors="replace") for path in logs]
	assert any(mark in text for text in texts)
	assert not any(SECRET in text for text in texts)


def test_a_wrong_present_password_is_written_nowhere(guest, connection):
	address = f"{factories.key()[:8].lower()}@example.com"
	accounts.open_account("email", address, "Lê Thị Ghi", "Hoa-Phuong-Do-7-Song")
	connection.db.commit()
	guest.post("/dang-nhap", {"contact": address, "password": "Hoa-Phuong-Do-7-Song"})
	form = {"old": SECRET, "password": "Hoa-Phuong-Do-8-Song", "csrf_token": guest.token("/tai-khoan")}
	assert guest.post("/tai-khoan/mat-khau", form).status_code == 422
	places = [*_bench_logs("*.log"), *Path(frappe.get_site_path("logs")).glob("*.log")]
	assert not [path.name for path in places if SECRET in path.read_text(errors="replace")]


def _bench_logs(pattern: str) -> list[Path]:
	return list((Path(frappe.utils.get_bench_path()) / "logs").glob(pattern))


def test_nor_with_what_newer_versions_of_frappe_put_beside_it():
	log = frappe._dict(error="what went wrong", metadata=f'{{"form": "{SECRET}"}}')
	error_records.strip_values(log)
	assert not log.metadata and log.error == "what went wrong"


def test_an_ordinary_message_is_kept_as_it_is():
	assert error_records.without_values("one\n      two") == "one\n      two"


@pytest.fixture
def broken_gateway(connection):
	gateway = Gateway(answers=500)
	settings = connection.get_doc("SMS Settings")
	settings.update(
		{
			"sms_gateway_url": f"http://127.0.0.1:{gateway.server.server_port}/send",
			"message_parameter": "text",
			"receiver_parameter": "to",
			"use_post": 0,
			"parameters": [],
		}
	)
	settings.save()
	connection.db.commit()
	yield gateway
	gateway.server.shutdown()
	connection.db.rollback()
	settings.reload()
	settings.update({"sms_gateway_url": ""})
	settings.flags.ignore_mandatory = True
	settings.save()
	connection.db.commit()


def test_an_sms_that_does_not_go_out_leaves_neither_number_nor_text(broken_gateway, connection):
	from frappe.utils.background_jobs import get_queue

	number = f"09{time.time_ns() // 1000 % 10**8:08d}"
	began = frappe.utils.now_datetime()
	messages.send_sms(number, SECRET, after_commit=False)
	end = time.monotonic() + 60
	while number not in str(broken_gateway.taken):
		assert time.monotonic() < end
		time.sleep(0.1)
	new = {"method": "one_stop.citizen_portal.messages.deliver_sms", "creation": [">=", began]}
	while not (rows := connection.get_all("Error Log", new, ["*"])):
		assert time.monotonic() < end
		connection.db.rollback()
		time.sleep(0.1)
	assert number not in str(rows) and SECRET not in str(rows)
	assert "SmsNotDelivered" in rows[0].error
	queue = get_queue("short")
	jobs = [queue.fetch_job(key) for key in queue.failed_job_registry.get_job_ids()]
	assert SECRET not in str([(job.kwargs, job.exc_info) for job in jobs if job])
	log = (Path(frappe.utils.get_bench_path()) / "logs" / "worker_short.log").read_text(errors="replace")
	assert number not in log and SECRET not in log


def letter_to(address: str):
	name = frappe.get_all("Email Queue Recipient", {"recipient": address}, pluck="parent")[0]
	return frappe.get_doc("Email Queue", name)


def test_a_code_stands_in_no_subject_and_not_in_the_queue_once_it_is_sent(connection):
	address = f"code-{time.time_ns()}@example.com"
	with mail_catcher.catching() as box:
		key = accounts.send_code("register", "email", address)
		connection.db.commit()
		end = time.monotonic() + 60
		while not box.mails:
			assert time.monotonic() < end
			time.sleep(0.1)
		mail = next(mail for to, mail in box.mails if to == [address])
		code = re.search(r"\b\d{6}\b", mail.get_body(("plain",)).get_content())[0]
		assert code not in str(mail["Subject"])
		while letter_to(address).message:
			assert time.monotonic() < end
			connection.db.rollback()
			time.sleep(0.1)
		assert code not in str(letter_to(address).as_dict())
	assert accounts.confirm_code("register", key, code)["address"] == address


def test_a_code_that_could_not_be_sent_is_forgotten_with_its_time(connection):
	address = f"code-{time.time_ns()}@example.com"
	with mail_catcher.catching():
		assert messages.send_email(address, "Mã", "123456", reference=SECRET)
		letter = letter_to(address)
		assert letter.message
		messages.forget_codes()
		assert letter_to(address).message
		frappe.db.set_value(
			"Email Queue", letter.name, "creation", frappe.utils.add_to_date(None, minutes=-11)
		)
		messages.forget_codes()
		assert not letter_to(address).message and letter_to(address).status == "Error"
		frappe.db.rollback()
