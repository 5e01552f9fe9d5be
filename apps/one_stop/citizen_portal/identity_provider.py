"""Signing in by an identity provider that speaks OpenID Connect (VNeID, the national portal), as a Social Login Key
of Frappe names it.

The protocol is carried out here and not by Frappe's own return address, which takes any state, looks at no signature
and opens whatever account has the e-mail that the provider tells, also one of the staff. State, nonce and the PKCE
verifier are kept on this side for ten minutes, for one return only, in the browser that began. An account is known by
the provider's name for its person, never by an e-mail; the identity number is the provider's word and cannot be
changed here afterwards (NĐ 45/2020 art. 9; NĐ 69/2024).
"""

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode, urlsplit

import frappe
import jwt
import requests
from frappe import _
from frappe.utils import getdate

from one_stop.citizen_portal import accounts, contacts, messages, throttle
from one_stop.citizen_portal.rendering import PageMissing, is_secure, travels_encrypted

KEY = "Social Login Key"
COOKIE = "identity_return"
MINUTES = 10
SECONDS_TO_ANSWER = 10
CLOCK_SKEW = 60  # seconds
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")


class SignInRefused(Exception):
	"""The provider's return is not in order. Its text is for the log; a person is told to try again."""


@dataclass(frozen=True)
class Provider:
	"""One connected provider: `issuer` is the base address of its discovery document."""

	name: str
	label: str
	issuer: str
	client_id: str
	client_secret: str
	scope: str
	subject: str

	@property
	def return_address(self) -> str:
		return frappe.utils.get_url(f"/dang-nhap/{self.name}/ve")


def offered() -> list[dict[str, str]]:
	"""The providers a citizen may choose now: `[{name, label}]`; only the national one once the dated setting says so."""
	rows = frappe.get_all(
		KEY, {"enable_social_login": 1}, ["name", "provider_name as label"], order_by="provider_name asc"
	)
	if accounts.national_only():
		rows = [row for row in rows if row.name == accounts.settings().national_provider]
	return rows


def provider(name: str) -> Provider:
	""":raises PageMissing: nobody may sign in by a provider of this name now"""
	if name not in {row.name for row in offered()}:
		raise PageMissing
	doc = frappe.get_cached_doc(KEY, name)
	more = frappe.parse_json(doc.auth_url_data or "{}")
	return Provider(
		name=doc.name,
		label=doc.provider_name,
		issuer=(doc.base_url or "").rstrip("/"),
		client_id=doc.client_id,
		client_secret=doc.get_password("client_secret"),
		scope=more.get("scope") or "openid profile",
		subject=doc.user_id_property or "sub",
	)


def begin(name: str, next_page: str) -> str:
	"""Where to send the browser. What comes back will be compared with what is kept here.

	:raises PageMissing: no such provider
	:raises SignInRefused: the provider does not answer or is not set up
	"""
	chosen = provider(name)
	throttle.count("identity-begin", throttle.address(), 100, 900)
	place = discover(chosen)["authorization_endpoint"]
	state, nonce, verifier, browser = (secrets.token_urlsafe(32) for _each in range(4))
	kept = {
		"provider": name,
		"nonce": nonce,
		"verifier": verifier,
		"next": next_page,
		"browser": _digest(browser),
	}
	frappe.cache.set_value(_cache_key(state), json.dumps(kept), expires_in_sec=MINUTES * 60)
	frappe.local.cookie_manager.set_cookie(COOKIE, browser, httponly=True, samesite="Lax", secure=is_secure())
	asked = {
		"response_type": "code",
		"client_id": chosen.client_id,
		"redirect_uri": chosen.return_address,
		"scope": chosen.scope,
		"state": state,
		"nonce": nonce,
		"code_challenge": _challenge(verifier),
		"code_challenge_method": "S256",
	}
	return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"


def finish(name: str, state: str, code: str, browser: str) -> tuple[str, str]:
	"""The account that the provider vouches for, made where there is none, and the page to go on to.

	:param browser: the cookie that `begin` gave
	:raises PageMissing: no such provider
	:raises SignInRefused: a state of another browser, provider or day; a token that is not for this sign-in
	"""
	chosen = provider(name)
	throttle.count("identity-return", throttle.address(), 100, 900)
	kept = _take(state)
	if kept["provider"] != name or not hmac.compare_digest(kept["browser"], _digest(browser)):
		raise SignInRefused("state of another browser or provider")
	place = discover(chosen)
	answer = _ask(
		"POST",
		place["token_endpoint"],
		data={
			"grant_type": "authorization_code",
			"code": code,
			"redirect_uri": chosen.return_address,
			"code_verifier": kept["verifier"],
			"client_id": chosen.client_id,
			"client_secret": chosen.client_secret,
		},
	)
	claims = verified(chosen, place, str(answer.get("id_token") or ""), kept["nonce"])
	if place.get("userinfo_endpoint") and answer.get("access_token"):
		bearer = {"Authorization": f"Bearer {answer['access_token']}"}
		told = _ask("GET", place["userinfo_endpoint"], headers=bearer)
		if told.get("sub") != claims["sub"]:
			raise SignInRefused("facts about somebody else")
		claims = {**told, **claims}
	return account_of(chosen, claims), kept["next"]


def discover(chosen: Provider) -> dict[str, Any]:
	"""The provider's addresses by its own discovery document (OpenID Connect Discovery 1.0), kept for an hour.

	:raises SignInRefused: it is silent, names another issuer, or its addresses are not encrypted
	"""
	key = f"portal-identity-provider:{chosen.issuer}"
	if kept := frappe.cache.get_value(key, expires=True):
		return json.loads(kept)
	found = _ask("GET", f"{chosen.issuer}/.well-known/openid-configuration")
	if str(found.get("issuer", "")).rstrip("/") != chosen.issuer:
		raise SignInRefused("discovery names another issuer")
	for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
		_safe_address(str(found.get(name) or ""))
	frappe.cache.set_value(key, json.dumps(found), expires_in_sec=3600)
	return found


def verified(chosen: Provider, place: dict[str, Any], token: str, nonce: str) -> dict[str, Any]:
	"""The claims of an ID token, once its signature, issuer, audience, age and nonce are right.

	:raises SignInRefused: one of them is not
	"""
	try:
		head = jwt.get_unverified_header(token)
		if head.get("alg") not in ALGORITHMS:
			raise SignInRefused("algorithm")
		keys = jwt.PyJWKSet.from_dict(_ask("GET", place["jwks_uri"])).keys
		fitting = [key for key in keys if key.key_id == head.get("kid") or not head.get("kid")]
		if not fitting:
			raise SignInRefused("unknown key")
		claims = jwt.decode(
			token,
			fitting[0].key,
			algorithms=[head["alg"]],
			audience=chosen.client_id,
			issuer=place["issuer"],
			leeway=CLOCK_SKEW,
			options={"require": ["exp", "iat", "iss", "aud", "sub"]},
		)
	except jwt.PyJWTError as error:
		raise SignInRefused(type(error).__name__) from None
	if not hmac.compare_digest(str(claims.get("nonce") or "").encode(), nonce.encode()):
		raise SignInRefused("nonce")
	return claims


def account_of(chosen: Provider, claims: dict[str, Any]) -> str:
	"""The citizen's account linked with the provider's person, made where there is none.

	An account that somebody opened by e-mail and gave this identity number is not taken over: the number there is
	its owner's own word.

	:raises SignInRefused: the provider tells no identity number, or the account is closed
	"""
	subject = str(claims.get(chosen.subject) or "")
	number = str(claims.get(accounts.settings().identity_claim or "identity_number") or "").strip()
	if not subject or not (number.isdigit() and len(number) == 12):
		raise SignInRefused("no identity number")
	linked = {"provider": chosen.name, "userid": subject, "parenttype": "User"}
	user = frappe.db.get_value("User Social Login", linked, "parent")
	if not user:
		# The same person by another provider that is trusted as much.
		user = frappe.db.get_value(accounts.PROFILE, {"id_number": number, "id_confirmed": 1}, "user")
		user = _link(user, chosen, subject) if user else _open(chosen, subject, claims)
	if frappe.db.get_value("User", {"name": user, "enabled": 1}, "user_type") != "Website User":
		raise SignInRefused("closed account")
	profile = accounts.profile_of(user)
	profile.update({"id_type": "CCCD", "id_number": number, "id_confirmed": 1})
	if claims.get("name"):
		profile.full_name = str(claims["name"])[:140]
	if born := _day(claims.get("birthdate")):
		profile.birth_date = born
	profile.save(ignore_permissions=True)  # the person's own, as the provider has just confirmed
	return user


def _open(chosen: Provider, subject: str, claims: dict[str, Any]) -> str:
	number = secrets.token_hex(10)
	user = frappe.get_doc(
		{
			"doctype": "User",
			"email": f"{number}@{messages.ADDRESS_OF_NOBODY}",
			"username": number,
			"first_name": str(claims.get("name") or _("Citizen"))[:140],
			"user_type": "Website User",
			"language": "vi",
			"send_welcome_email": 0,
			"social_logins": [{"provider": chosen.name, "userid": subject}],
		}
	)
	user.flags.no_welcome_mail = True
	frappe.local.conf["throttle_user_limit"] = 100_000
	# A person whom the provider has identified; no role and no password is given.
	user.insert(ignore_permissions=True)
	profile = accounts.new_profile(user.name, user.first_name)
	address = contacts.email(str(claims.get("email") or ""))
	# Where another account signs in by this address, it stays that one's: its owner would be shut out.
	if address and claims.get("email_verified") is True and not accounts.user_of("email", address):
		profile.update({"email": address, "email_confirmed": 1})
		profile.save(ignore_permissions=True)  # the account was made in this very request
	return user.name


def _day(claim: Any) -> date | None:
	"""A whole day; OpenID Connect also allows a year alone, or a day without its year."""
	try:
		day = date.fromisoformat(str(claim or ""))
	except ValueError:
		return None
	return day if date(1900, 1, 1) <= day <= getdate() else None


def _link(user: str, chosen: Provider, subject: str) -> str:
	doc = frappe.get_doc("User", user)
	doc.append("social_logins", {"provider": chosen.name, "userid": subject})
	doc.save(ignore_permissions=True)  # both providers have confirmed the same identity number
	return user


def _take(state: str) -> dict[str, str]:
	"""What was kept for a state; gone afterwards, whatever comes of it."""
	key = _cache_key(state)
	value = frappe.cache.get_value(key, expires=True) if state else None
	frappe.cache.delete_value(key)
	if not value:
		raise SignInRefused("unknown or used state")
	return json.loads(value)


def _ask(verb: str, address: str, **options: Any) -> dict[str, Any]:
	_safe_address(address)
	try:
		answer = requests.request(verb, address, timeout=SECONDS_TO_ANSWER, allow_redirects=False, **options)
		if answer.status_code != 200:
			raise SignInRefused(f"{urlsplit(address).path}: {answer.status_code}")
		found = answer.json()
	except (requests.RequestException, ValueError) as error:
		raise SignInRefused(f"{urlsplit(address).path}: {type(error).__name__}") from None
	if not isinstance(found, dict):
		raise SignInRefused(f"{urlsplit(address).path}: no object")
	return found


def _safe_address(address: str) -> None:
	if not travels_encrypted(address):
		raise SignInRefused("the provider's addresses must begin with https://")


def _digest(value: str) -> str:
	return hashlib.sha256(value.encode()).hexdigest()


def _challenge(verifier: str) -> str:
	return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _cache_key(state: str) -> str:
	return f"portal-identity:{_digest(state)}"
