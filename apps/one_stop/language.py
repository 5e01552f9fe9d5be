"""The language in which the system itself speaks."""

import frappe


def speak_in_jobs() -> None:
	"""Jobs speak the site's language, not English: what they note in dossiers and send is read here.

	Hook `before_job`. Frappe gives a job no language; a request keeps its reader's, also for a job run within it.
	"""
	if not getattr(frappe.local, "request", None):
		frappe.local.lang = frappe.get_system_settings("language") or "vi"
