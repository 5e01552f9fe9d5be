"""SMS really go out: through Frappe's SMS Settings to a gateway that listens on this machine."""

import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from one_stop.citizen_portal import accounts
from tests import factories

SECONDS = 60


class Gateway:
	"""Takes what a provider of SMS would take: a form with a key, a number and a text."""

	def __init__(self, answers: int = 200) -> None:
		self.taken: list[dict[str, str]] = []
		owner = self

		class Handler(BaseHTTPRequestHandler):
			def do_POST(self):
				body = self.rfile.read(int(self.headers["Content-Length"])).decode()
				sent = {name: values[0] for name, values in parse_qs(body).items()}
				owner.taken.append({**sent, "authorization": self.headers.get("Authorization", "")})
				self.send_response(answers)
				self.end_headers()
				self.wfile.write(b"OK")

			def do_GET(self):
				owner.taken.append({name: values[0] for name, values in parse_qs(self.path).items()})
				self.send_response(answers)
				self.end_headers()

			def log_message(self, *arguments):
				pass

		self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
		threading.Thread(target=self.server.serve_forever, daemon=True).start()

	def to(self, number: str) -> list[str]:
		return [sent["text"] for sent in self.taken if sent["to"] == number]

	def wait_for(self, number: str, pattern: str) -> str:
		end = time.monotonic() + SECONDS
		while time.monotonic() < end:
			for text in self.to(number):
				if re.search(pattern, text):
					return text
			time.sleep(0.1)
		raise AssertionError(f"no SMS to {number} like {pattern}: {self.to(number)}")


@pytest.fixture(scope="module")
def gateway(connection):
	from one_stop import sample

	sample.load(dossiers=False)
	running = Gateway()
	settings = connection.get_doc("SMS Settings")
	settings.update(
		{
			"sms_gateway_url": f"http://127.0.0.1:{running.server.server_port}/send",
			"message_parameter": "text",
			"receiver_parameter": "to",
			"use_post": 1,
			"parameters": [
				{"parameter": "brand", "value": "MotCua"},
				{"parameter": "Authorization", "value": "Bearer key-of-the-gateway", "header": 1},
			],
		}
	)
	settings.save()
	connection.db.commit()
	yield running
	running.server.shutdown()
	connection.db.rollback()
	settings.reload()
	settings.update({"sms_gateway_url": "", "parameters": []})
	settings.flags.ignore_mandatory = True
	settings.save()
	connection.db.commit()


@pytest.fixture
def number() -> str:
	return f"09{time.time_ns() // 1000 % 10**8:08d}"


def test_an_account_is_opened_with_a_code_sent_to_the_phone(guest, gateway, number):
	asked = guest.post("/dang-ky", {"contact": number, "consent": "1"})
	key = re.search(r'name="key" value="([^"]+)"', asked.text)[1]
	code = re.search(r"\d{6}", gateway.wait_for(number, r"\d{6}"))[0]
	form = {"contact": number, "key": key, "full_name": "Lê Văn Số", "password": "Hoa-Phuong-Do-7-Song"}
	assert guest.post("/dang-ky", {**form, "code": "000000"}).status_code == 422
	assert guest.post("/dang-ky", {**form, "code": code}).status_code == 303
	assert number in guest.get("/tai-khoan").text


def test_the_gateway_is_asked_as_its_settings_say(gateway, number):
	accounts.send_code("register", "phone", number)
	accounts.frappe.db.commit()
	gateway.wait_for(number, r"\d{6}")
	sent = next(one for one in gateway.taken if one["to"] == number)
	assert (sent["brand"], sent["authorization"]) == ("MotCua", "Bearer key-of-the-gateway")


def test_no_code_and_no_number_stays_behind(gateway, number, connection):
	accounts.send_code("register", "phone", number)
	connection.db.commit()
	code = re.search(r"\d{6}", gateway.wait_for(number, r"\d{6}"))[0]
	time.sleep(0.5)
	connection.db.rollback()
	for doctype in ("SMS Log", "Error Log", "Communication"):
		if connection.db.exists("DocType", doctype):
			rows = str(connection.get_all(doctype, fields=["*"], limit=20, order_by="creation desc"))
			assert number not in rows and code not in rows, doctype


def test_a_number_gets_six_codes_an_hour_and_no_more(guest, gateway, number):
	answers = [guest.post("/dang-ky", {"contact": number, "consent": "1"}).status_code for _try in range(8)]
	assert answers == [200] * 6 + [429] * 2
	end = time.monotonic() + SECONDS
	while len(gateway.to(number)) < 6 and time.monotonic() < end:
		time.sleep(0.1)
	time.sleep(0.5)
	assert len(gateway.to(number)) == 6


def test_the_applicant_is_told_of_a_change_of_the_dossier(gateway, number):
	dossier = factories.received(applicant_phone=number)
	text = gateway.wait_for(number, re.escape(factories.value(dossier, "code")))
	assert len(text) <= 300


def test_whoever_wants_no_sms_gets_none(gateway, number, connection):
	user = accounts.open_account("phone", number, "Lê Thị Lặng", "Hoa-Phuong-Do-7-Song")
	connection.db.set_value("Citizen Profile", {"user": user}, "notify_sms", 0)
	dossier = factories.draft(applicant_phone=number)
	connection.db.set_value("Dossier", dossier, "applicant_user", user)
	connection.db.commit()
	factories.give("receive", dossier, factories.CLERK)
	end = time.monotonic() + SECONDS
	while not (told := connection.get_all("Portal Notice", {"dossier": dossier}, pluck="sent_by")):
		assert time.monotonic() < end, "no notice"
		connection.db.rollback()
		time.sleep(0.1)
	assert "SMS" not in (told[0] or "") and gateway.to(number) == []
