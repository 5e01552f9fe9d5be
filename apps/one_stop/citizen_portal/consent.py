"""Consent to the use of personal data: the text that stands, every text that stood before, who agreed to which and when.

Consent is given by a tick of its own, for the account when it is opened and for each dossier when it is handed in.
Administrators word the text in Citizen Portal Settings; every version is kept in Consent Text.
"""

from typing import Any

import frappe
from frappe import _
from frappe.utils import now_datetime

PROFILE = "Citizen Profile"
KEPT = "Consent Text"


class VersionNotChanged(frappe.ValidationError):
	"""Another text under the version that people have agreed to."""


def version() -> str:
	"""The version of the text that stands."""
	return frappe.get_cached_doc("Citizen Portal Settings").consent_version or ""


def text(language: str) -> str:
	"""The text that stands, in Vietnamese where it has no English."""
	settings = frappe.get_cached_doc("Citizen Portal Settings")
	return (settings.consent_text_en if language == "en" else "") or settings.consent_text or ""


def given_by(user: str) -> bool:
	"""Whether an account has agreed to the text that stands."""
	return bool(
		frappe.db.exists(PROFILE, {"user": user, "consent_version": version(), "consent_at": ["is", "set"]})
	)


def give(user: str) -> None:
	"""Keep that the owner of an account has just agreed to the text that stands."""
	frappe.db.set_value(PROFILE, {"user": user}, facts())


def facts() -> dict[str, Any]:
	"""What is kept of a consent given now: `{consent_version, consent_at}`."""
	return {"consent_version": version(), "consent_at": now_datetime()}


def check_version(settings: Any) -> None:
	""":raises VersionNotChanged: the text was changed under a version that has been shown, or has no version"""
	if not (settings.consent_text or "").strip():
		return
	named = (settings.consent_version or "").strip()
	kept = frappe.db.get_value(KEPT, {"version": named}, ["text", "text_en"], as_dict=True) if named else None
	if not named or (
		kept and _words(kept.text, kept.text_en) != _words(settings.consent_text, settings.consent_text_en)
	):
		frappe.throw(
			_(
				"Version of the Consent Text: give a changed text another version, so that people are asked again."
			),
			VersionNotChanged,
		)


def keep_version(settings: Any) -> None:
	"""Keep the text that stands from now on, once a version."""
	named = (settings.consent_version or "").strip()
	if not named or not (settings.consent_text or "").strip() or frappe.db.exists(KEPT, {"version": named}):
		return
	kept = {
		"doctype": KEPT,
		"version": named,
		"since": now_datetime(),
		"text": settings.consent_text,
		"text_en": settings.consent_text_en,
	}
	# Whoever may change the settings has just done so.
	frappe.get_doc(kept).insert(ignore_permissions=True)


def _words(*texts: str | None) -> list[list[str]]:
	return [(text or "").split() for text in texts]
