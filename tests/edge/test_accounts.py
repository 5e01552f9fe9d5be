"""Accounts: closed, locked, restricted by date, guarded by a second factor; and who read whose data."""

import re
import time

import pyotp
import pytest
from frappe.core.doctype.user.user import create_contact
from frappe.utils.global_search import sync_global_search

from one_stop import sample
from one_stop.citizen_portal import accounts, drafts, personal_data
from one_stop.citizen_portal.rendering import FormError
from one_stop.patches.v1_0 import forget_deleted_people
from tests import factories
from tests.edge.test_uploads import pdf

PASSWORD = "Hoa-Phuong-Do-Ben-Song-7"


@pytest.fixture
def account(connection):
	"""A citizen's account opened by e-mail. Returns `(user, address)`."""
	address = f"account-{factories.key()[:8].lower()}@example.com"
	user = accounts.open_account("email", address, "Lê Thị Thử", PASSWORD)
	connection.db.commit()
	return user, address


def sign_in(guest, address: str, **more: str):
	return guest.post("/dang-nhap", {"contact": address, "password": PASSWORD, **more})


def test_the_name_of_an_account_tells_nothing(account):
	user, address = account
	assert address.split("@")[0] not in user


def test_an_account_is_entered_by_its_confirmed_address(guest, account):
	assert sign_in(guest, account[1].upper()).status_code == 303
	assert account[1] in guest.get("/tai-khoan").text


def test_wrong_passwords_lock_the_account_for_a_while(guest, account):
	for _time in range(6):
		guest.post("/dang-nhap", {"contact": account[1], "password": "Wrong-Words-Here-1"})
	assert sign_in(guest, account[1]).status_code == 422


def test_a_weak_password_opens_nothing():
	for weak in ("short", "password12", "1234567890"):
		with pytest.raises(FormError):
			accounts.check_password(weak)


def test_a_code_is_for_one_purpose_and_a_few_tries(site):
	address = f"{factories.key()[:8].lower()}@example.com"
	key = accounts.send_code("register", "email", address)
	for _time in range(accounts.CODE_TRIES):
		with pytest.raises(FormError):
			accounts.confirm_code("register", key, "x")
	assert accounts._kept(key) is None
	other = accounts.send_code("password", "email", address)
	with pytest.raises(FormError):
		accounts.confirm_code("register", other, "000000")


def test_the_second_factor_is_asked_for(guest, account, connection):
	secret = pyotp.random_base32()
	accounts.turn_on_second_factor(account[0], secret, pyotp.TOTP(secret).now())
	connection.db.commit()
	assert sign_in(guest, account[1]).status_code == 422
	assert sign_in(guest, account[1], second="000000").status_code == 422
	assert sign_in(guest, account[1], second=pyotp.TOTP(secret).now()).status_code == 303


def test_from_its_day_only_the_national_provider_opens_the_door(guest, account, connection):
	try:
		connection.db.set_single_value("Citizen Portal Settings", "national_only_from", "2026-01-01")
		connection.clear_document_cache("Citizen Portal Settings", "Citizen Portal Settings")
		connection.db.commit()
		assert sign_in(guest, account[1]).status_code == 200
		assert guest.get("/ho-so").status_code == 303
		assert guest.post("/api/method/login", {"usr": account[0], "pwd": PASSWORD}).status_code == 401
		page = guest.get("/dang-nhap").text
		assert "/quen-mat-khau" not in page and "/dang-ky" not in page
		before = connection.cache.get(connection.cache.make_key(f"portal-throttle:code-contact:{account[1]}"))
		for form in ({"contact": account[1]}, {"key": "x", "code": "123456", "password": PASSWORD}):
			answer = guest.post("/quen-mat-khau", form)
			assert answer.status_code == 200 and 'name="contact"' not in answer.text
		after = connection.cache.get(connection.cache.make_key(f"portal-throttle:code-contact:{account[1]}"))
		assert before == after, "a code was sent"
	finally:
		connection.db.set_single_value("Citizen Portal Settings", "national_only_from", None)
		connection.clear_document_cache("Citizen Portal Settings", "Citizen Portal Settings")
		connection.db.commit()


@pytest.mark.parametrize("way", ["/dang-xuat", "/tai-khoan/mat-khau"])
def test_a_session_that_was_ended_opens_nothing_any_more(guest, account, way):
	sign_in(guest, account[1])
	cookies, token = guest.session.cookies.copy(), guest.token("/tai-khoan")
	form = {"csrf_token": token, "old": PASSWORD, "password": f"{PASSWORD}-neu"}
	assert guest.post(way, form).status_code == 303
	answer = guest.session.get(f"{guest.base_url}/tai-khoan", cookies=cookies, allow_redirects=False)
	assert answer.status_code == 303


def test_all_that_is_kept_can_be_taken_along(guest, account):
	sign_in(guest, account[1])
	kept = guest.get("/tai-khoan/du-lieu")
	assert kept.headers["Content-Disposition"].startswith("attachment")
	assert kept.json()["profile"][0]["email"] == account[1]


def test_a_closed_account_leaves_no_name_behind(guest, account, connection):
	user, address = account
	sign_in(guest, address)
	before, token = guest.session.cookies.copy(), guest.token("/tai-khoan/xoa")
	assert guest.post("/tai-khoan/xoa", {"password": "wrong", "csrf_token": token}).status_code == 422
	assert guest.post("/tai-khoan/xoa", {"password": PASSWORD, "csrf_token": token}).status_code == 303
	assert (
		guest.session.get(f"{guest.base_url}/tai-khoan", cookies=before, allow_redirects=False).status_code
		== 303
	)
	connection.db.rollback()
	assert not connection.db.exists("Citizen Profile", {"user": user})
	left = connection.db.get_value("User", user, ["enabled", "full_name"], as_dict=True)
	assert not left.enabled and "Thử" not in left.full_name
	assert accounts.user_of("email", address) is None
	assert sign_in(guest, address).status_code == 422


def tables_with(connection, words: tuple[str, ...]) -> set[str]:
	"""Every table of the site in which one of some words stands, whatever the column."""
	columns = connection.db.sql(
		"""select table_name, group_concat(concat('`', column_name, '`') separator ',')
		from information_schema.columns
		where table_schema = database() and data_type in
			('varchar', 'char', 'text', 'mediumtext', 'longtext', 'tinytext', 'json')
		group by table_name"""
	)
	found = set()
	for table, names in columns:
		said = " or ".join(["concat_ws(' ', " + names + ") like %s"] * len(words))
		query = f"select 1 from `{table}` where {said} limit 1"
		if connection.db.sql(query, [f"%{word}%" for word in words]):
			found.add(table)
	return found


def test_a_closed_account_leaves_its_person_in_no_table(guest, connection):
	mark = factories.key()[:8].lower()
	name, address, number = (
		f"Lê Thị {mark}",
		f"person-{mark}@example.com",
		f"048190{int(mark, 36) % 10**6:06d}",
	)
	sample.load(dossiers=False)
	user = accounts.open_account("email", address, name, PASSWORD)
	connection.db.commit()
	assert sign_in(guest, address).status_code == 303
	token = guest.token("/tai-khoan")
	profile = {"full_name": f"{name} Hai", "id_type": "CCCD", "id_number": number, "csrf_token": token}
	assert guest.post("/tai-khoan", profile).status_code == 303
	for last in ("Ba", "Bon"):
		guest.post("/tai-khoan", {**profile, "full_name": f"{name} {last}"})
	connection.db.rollback()
	draft = drafts.begin(user, factories.BIRTH)
	drafts.add_file(draft, draft.components()[0].component_name, f"{mark}.pdf", pdf())
	drafts.save(draft)
	connection.get_doc(
		{"doctype": "Portal Notice", "user": user, "title": f"Kính gửi {name}", "body": address}
	).insert()
	connection.get_doc("User", user).save()
	connection.db.commit()
	assert tables_with(connection, (mark,)) >= {"tabUser", "tabCitizen Profile", "tabPortal Notice"}
	before = connection.get_doc("User", user)
	form = {"password": PASSWORD, "csrf_token": guest.token("/tai-khoan/xoa")}
	assert guest.post("/tai-khoan/xoa", form).status_code == 303
	# Jobs of Frappe that were begun before, and come to their end only now.
	create_contact(before, ignore_mandatory=True)
	sync_global_search()
	connection.db.commit()
	assert tables_with(connection, (mark,)) <= {"tabContact", "tabContact Email", "__global_search"}
	personal_data.forget_late_writings()
	connection.db.commit()
	until = time.monotonic() + 60
	while left := tables_with(connection, (mark, number)):
		assert time.monotonic() < until, left
		time.sleep(0.5)
	signed_in = connection.get_all("Activity Log", {"user": user, "operation": "Login"}, ["full_name"])
	assert signed_in and not any(row.full_name for row in signed_in)


@pytest.mark.parametrize("path", ["/tai-khoan/mat-khau", "/tai-khoan/xoa", "/tai-khoan/lien-he"])
def test_whoever_sits_at_an_open_session_guesses_the_password_ten_times(guest, account, path):
	sign_in(guest, account[1])
	form = {"csrf_token": guest.token("/tai-khoan"), "contact": "new@example.com"}
	form |= {"old": "wrong", "password": "wrong"}
	answers = [guest.post(path, form).status_code for _try in range(12)]
	assert answers == [422] * 10 + [429] * 2


def test_the_contact_is_changed_with_the_password_and_the_old_one_hears_of_it(
	guest, account, connection, monkeypatch
):
	sign_in(guest, account[1])
	form = {"csrf_token": guest.token("/tai-khoan"), "contact": f"new-{account[1]}"}
	assert guest.post("/tai-khoan/lien-he", form).status_code == 422
	assert guest.post("/tai-khoan/lien-he", {**form, "password": PASSWORD}).status_code == 200
	told = []
	monkeypatch.setattr(accounts.messages, "send_email", lambda *given: told.append(given))
	accounts.change_contact(account[0], "email", f"new-{account[1]}")
	assert [given[0] for given in told] == [account[1]] and f"new-{account[1]}" not in told[0][2]
	assert accounts.user_of("email", f"new-{account[1]}") == account[0]


def test_an_account_of_an_identity_provider_gets_no_password_by_a_code(
	guest, account, connection, monkeypatch
):
	connection.db.delete("__Auth", {"name": account[0]})
	connection.db.commit()
	sent = []
	monkeypatch.setattr(accounts.messages, "send", lambda *given: sent.append(given))
	key = accounts.send_code("password", "email", account[1])
	code = re.search(r"\d{6}", sent[0][3])[0]
	form = {"key": key, "code": code, "contact": account[1], "password": "Hoa-Phuong-Do-9-Song"}
	assert guest.post("/quen-mat-khau", form).status_code == 422
	assert not accounts.has_password(account[0])


def test_what_was_kept_of_deleted_people_is_taken_out(site, connection):
	mark = factories.key()
	for kind, data in (
		("Portal Draft", f"{{{mark}}}"),
		("File", f'{{"attached_to_doctype": "Portal Draft", "file_name": "{mark}"}}'),
		("Contact", f'{{"user": "x@account.invalid", "first_name": "{mark}"}}'),
	):
		kept = {"doctype": "Deleted Document", "deleted_doctype": kind, "deleted_name": mark, "data": data}
		connection.get_doc(kept).insert()
	forget_deleted_people.execute()
	assert tables_with(connection, (mark,)) == set()


def test_staff_accounts_cannot_be_closed_this_way(officer):
	import frappe

	with pytest.raises(frappe.PermissionError):
		personal_data.close_account("edge-officer@example.com")


def test_the_language_chosen_is_kept_with_the_account_for_its_notices(citizen, connection):
	for language in ("en", "vi"):
		assert citizen.get(f"/ho-so?lang={language}").status_code == 303
		connection.db.rollback()
		assert connection.db.get_value("User", "edge-citizen@example.com", "language") == language
	citizen.get("/ho-so?lang=en")
	citizen.session.cookies.pop("portal_language")
	assert 'lang="en"' in citizen.get("/ho-so").text
	citizen.get("/ho-so?lang=vi")
