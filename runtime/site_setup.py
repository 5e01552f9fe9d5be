"""Completes a new site's setup for Vietnam. Runs inside Frappe: python site_setup.py SITE, from the sites folder."""

import sys

import frappe
from frappe.desk.page.setup_wizard.setup_wizard import setup_complete


def complete(site: str) -> None:
	frappe.init(site=site)
	frappe.connect()
	try:
		frappe.set_user("Administrator")
		answers = {
			"language": frappe.db.get_value("Language", "vi", "language_name"),
			"lang": "vi",
			"country": "Vietnam",
			"timezone": "Asia/Ho_Chi_Minh",
			"currency": "VND",
			"enable_telemetry": 0,
		}
		outcome = setup_complete(answers)
		if outcome.get("status") != "ok":
			raise SystemExit(f"Frappe's setup did not finish: {outcome}")
		settings = frappe.get_doc("System Settings")
		settings.update(
			{
				"country": "Vietnam",
				"language": "vi",
				"time_zone": "Asia/Ho_Chi_Minh",
				"date_format": "dd-mm-yyyy",
				"time_format": "HH:mm",
				"number_format": "#.###,##",
				"first_day_of_the_week": "Monday",
				"float_precision": "",
				"enable_scheduler": 1,
				"setup_complete": 1,
				"enable_onboarding": 0,
				"disable_system_update_notification": 1,
				"enable_telemetry": 0,
				"app_name": "Một cửa điện tử",
			}
		)
		settings.save()
		website = frappe.get_doc("Website Settings")
		website.update({"app_name": "Một cửa điện tử", "disable_signup": 1})
		website.save()
		frappe.db.set_default("currency", "VND")
		frappe.db.set_value("Currency", "VND", "enabled", 1)
		frappe.db.set_value("User", "Administrator", {"language": "vi", "time_zone": "Asia/Ho_Chi_Minh"})
		frappe.db.commit()
		frappe.clear_cache()
	finally:
		frappe.destroy()


if __name__ == "__main__":
	complete(sys.argv[1])
