"""Consent to the use of personal data: what was shown stays, who agreed to what is kept, and is asked anew."""

import frappe
import pytest

from one_stop.citizen_portal import accounts, consent, drafts
from one_stop.citizen_portal.doctype.consent_text.consent_text import ConsentTextFixed
from tests import factories as make

pytestmark = pytest.mark.usefixtures("province")


def reword(text: str, version: str) -> None:
	settings = frappe.get_doc("Citizen Portal Settings")
	settings.update({"consent_text": text, "consent_version": version})
	settings.save()


def test_a_changed_text_needs_a_version_of_its_own_and_the_old_one_is_kept():
	before = frappe.get_doc("Citizen Portal Settings")
	with pytest.raises(consent.VersionNotChanged):
		reword("Văn bản khác", before.consent_version)
	with pytest.raises(consent.VersionNotChanged):
		reword("Văn bản khác", "")
	reword("Văn bản khác", "thử-2")
	kept = dict(frappe.get_all("Consent Text", fields=["version", "text"], as_list=True))
	assert kept[before.consent_version] == before.consent_text
	assert kept["thử-2"] == "Văn bản khác"


def test_what_people_agreed_to_is_neither_changed_nor_thrown_away():
	doc = frappe.get_doc("Consent Text", {"version": consent.version()})
	doc.text = "Khác"
	with pytest.raises(ConsentTextFixed):
		doc.save()
	with pytest.raises(ConsentTextFixed):
		doc.delete()


def test_an_account_that_was_not_asked_has_agreed_to_nothing():
	user = make.citizen()
	profile = accounts.profile_of(user)
	assert not profile.consent_version and not profile.consent_at
	assert not consent.given_by(user)
	consent.give(user)
	assert consent.given_by(user)
	reword("Văn bản khác", "thử-3")
	assert not consent.given_by(user), "asked again"


def test_a_dossier_keeps_to_which_text_its_applicant_agreed_and_when():
	user = make.citizen()
	name = make.filled_in(user)
	facts = consent.facts()
	frappe.set_user(user)
	dossier = drafts.hand_in(drafts.own(user, name), facts)
	frappe.set_user("Administrator")
	kept = frappe.db.get_value("Dossier", dossier, ["consent_version", "consent_at"])
	assert kept == (consent.version(), facts["consent_at"])
