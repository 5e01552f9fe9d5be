"""Nobody reads English among Vietnamese, whoever wrote it."""

import frappe
from frappe import _
from frappe.utils.background_jobs import execute_job


def test_jobs_speak_the_sites_language(site):
	heard = []

	def work() -> None:
		heard.append(_("Dossier"))

	frappe.local.lang = "en"
	execute_job("one-stop", work, None, "work", {}, is_async=False)
	assert heard == ["Hồ sơ"]
