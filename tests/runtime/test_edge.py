"""What nginx serves by itself, what it passes on, and what it refuses."""

import re

import pytest
import requests


def get(base_url: str, path: str, **options) -> requests.Response:
	return requests.get(base_url + path, timeout=30, allow_redirects=False, **options)


def test_every_answer_carries_the_security_headers(base_url: str):
	for path in ("/login", "/api/method/ping", "/assets/assets.json", "/files/missing.png"):
		headers = get(base_url, path).headers
		assert headers["X-Content-Type-Options"] == "nosniff", path
		assert headers["X-Frame-Options"] == "SAMEORIGIN", path
		assert headers["Referrer-Policy"] == "same-origin", path
		assert headers["Server"] == "nginx", path


def test_the_bundles_of_the_login_page_are_there_compressed_and_kept_by_browsers(base_url: str):
	page = get(base_url, "/login").text
	bundles = set(re.findall(r"/assets/[\w/.-]+\.bundle\.\w+\.(?:js|css)", page))
	assert len(bundles) >= 3
	for bundle in bundles:
		answer = get(base_url, bundle)
		assert answer.status_code == 200, bundle
		assert answer.headers.get("Content-Encoding") == "gzip" or len(answer.content) < 1024, bundle
		assert "max-age=31536000" in answer.headers["Cache-Control"], bundle


def test_what_the_stylesheets_name_is_there(base_url: str):
	bundles = get(base_url, "/assets/assets.json").json()
	styles = [get(base_url, path).text for name, path in bundles.items() if name.endswith(".css")]
	named = {path for text in styles for path in re.findall(r"url\([\"']?(/assets/[^)\"'?#]+)", text)}
	assert [path for path in named if path.endswith(".woff2")], "the fonts at least"
	assert [path for path in sorted(named) if get(base_url, path).status_code != 200] == []


@pytest.mark.parametrize(
	"path",
	[
		"/assets/frappe/icons/timeless/icons.svg",
		"/assets/frappe/images/frappe-framework-logo.svg",
		"/assets/frappe/node_modules/ace-builds/src-min-noconflict/ace.js",
		"/assets/frappe/node_modules/frappe-gantt/dist/frappe-gantt.min.js",
		"/assets/frappe/node_modules/html5-qrcode/dist/html5-qrcode.min.js",
		"/assets/frappe/node_modules/js-sha256/build/sha256.min.js",
		"/assets/frappe/node_modules/qz-tray/qz-tray.js",
	],
)
def test_what_the_desk_loads_by_address_is_there(base_url: str, path: str):
	assert get(base_url, path).status_code == 200


@pytest.mark.parametrize(
	"path",
	[
		"/.git/config",
		"/assets/.hidden",
		"/files/.htaccess",
		"/common_site_config.json",
		"/one-stop/site_config.json",
		"/assets/../common_site_config.json",
		"/files/..%2f..%2f..%2fcommon_site_config.json",
		"/files../site_config.json",
		"/protected/site_config.json",
		"/private/files/nothing.txt",
	],
)
def test_nothing_outside_the_public_folders_is_served(base_url: str, path: str):
	request = requests.Request("GET", base_url).prepare()
	request.url = base_url + path
	with requests.Session() as session:
		answer = session.send(request, timeout=30, allow_redirects=False)
	assert answer.status_code in (400, 403, 404), path
	assert "db_password" not in answer.text


@pytest.fixture
def upload(base_url: str, administrator):
	"""Uploads a file as the Administrator; returns its address. Deleted after the test."""
	page = administrator.get(f"{base_url}/app", timeout=60).text
	token = {"X-Frappe-CSRF-Token": re.search(r'csrf_token = "(\w+)"', page)[1]}
	made = []

	def upload(name: str, content: bytes, private: bool) -> str:
		answer = administrator.post(
			f"{base_url}/api/method/upload_file",
			files={"file": (name, content)},
			data={"is_private": int(private)},
			headers=token,
			timeout=30,
		)
		answer.raise_for_status()
		made.append(answer.json()["message"]["name"])
		return answer.json()["message"]["file_url"]

	yield upload
	for name in made:
		administrator.delete(f"{base_url}/api/resource/File/{name}", headers=token, timeout=30)


def test_a_private_file_is_handed_out_by_nginx_to_its_reader_only(base_url: str, administrator, upload):
	address = upload("edge-private.txt", b"for few", private=True)
	answer = administrator.get(base_url + address, timeout=30)
	assert answer.content == b"for few"
	# nginx, not Python, sent the file: it alone answers with a validator of the file's time
	assert "Last-Modified" in answer.headers
	# A stranger does not even hear that it exists.
	assert get(base_url, address).status_code == 404


def test_a_page_among_the_files_never_runs_on_the_sites_origin(base_url: str, running):
	page = running.sites / "one-stop/public/files/edge-page.html"
	page.write_bytes(b"<script>alert(1)</script>")  # uploads refuse it; this one was there before
	headers = get(base_url, "/files/edge-page.html").headers
	page.unlink()
	assert headers["Content-Disposition"] == "attachment"
	assert "sandbox" in headers["Content-Security-Policy"]


def test_a_client_cannot_choose_the_address_it_is_known_by(base_url: str, connection, running):
	words = {"usr": "Administrator", "pwd": running.recall("secrets")["administrator"]}
	forged = {"X-Forwarded-For": "203.0.113.9", "X-Frappe-Site-Name": "other"}
	answer = requests.post(f"{base_url}/api/method/login", data=words, headers=forged, timeout=30)
	assert answer.status_code == 200
	connection.db.rollback()
	found = connection.get_all(
		"Activity Log", filters={"operation": "Login"}, pluck="ip_address", order_by="creation desc", limit=1
	)
	assert found == ["127.0.0.1"]


def test_a_body_over_fifty_megabytes_is_refused(base_url: str):
	answer = requests.post(
		f"{base_url}/api/method/ping", data=b"", headers={"Content-Length": str(51 * 2**20)}, timeout=30
	)
	assert answer.status_code == 413 and "Tệp gửi lên quá lớn" in answer.text
