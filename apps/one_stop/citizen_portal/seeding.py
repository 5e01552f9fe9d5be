"""What the portal needs to begin with, written once and an administrator's from then on; and the settings of Frappe
that make a site of strangers safe."""

import frappe

from one_stop.citizen_portal import consent, notices

SEEDED = "one_stop_portal_seeded"
SYSTEM = {
	"allow_guests_to_upload_files": 0,
	"allow_error_traceback": 0,
	"allow_consecutive_login_attempts": 5,
	"allow_login_after_fail": 300,
	"strip_exif_metadata_from_uploaded_images": 1,
	"login_with_email_link": 0,
	"disable_document_sharing": 1,
	"allow_login_using_mobile_number": 0,
	"two_factor_method": "OTP App",
	"otp_issuer_name": "One-Stop",
}
STAFF_ROLES = (
	"One-Stop Administrator",
	"Reception Clerk",
	"Processing Officer",
	"Unit Leader",
	"Monitoring Officer",
)
CONSENT = """Tôi đồng ý để cơ quan tiếp nhận và giải quyết thủ tục hành chính xử lý dữ liệu cá nhân tôi cung cấp, nhằm giải quyết hồ sơ của tôi và thông báo kết quả. Dữ liệu được lưu theo thời hạn của pháp luật về lưu trữ, không chuyển cho người không có trách nhiệm giải quyết.

Tôi có quyền xem, tải về, sửa dữ liệu của mình và yêu cầu xóa tài khoản."""
CONSENT_EN = """I agree that the authorities which receive and handle procedures process the personal data I give, to handle my dossiers and to tell me their results. The data are kept as long as the law on archives asks and are given to nobody who has no part in it.

I may see, download and correct my data and ask for my account to be deleted."""


def seed_portal() -> None:
	"""Write templates that are missing, and once: the consent text and the safe settings (hook `after_migrate`)."""
	notices.seed_templates()
	settings = frappe.get_doc("Citizen Portal Settings")
	if frappe.db.get_default(SEEDED):
		consent.keep_version(settings)
		return
	settings.update(
		{
			"consent_text": CONSENT,
			"consent_text_en": CONSENT_EN,
			"consent_version": "1",
			"registration_open": 1,
		}
	)
	settings.save(ignore_permissions=True)  # runs in a migration
	system = frappe.get_doc("System Settings")
	system.update({name: value for name, value in SYSTEM.items() if system.meta.has_field(name)})
	system.flags.ignore_mandatory = True
	system.save(ignore_permissions=True)  # runs in a migration
	website = frappe.get_doc("Website Settings")
	website.disable_signup = 1
	website.save(ignore_permissions=True)  # runs in a migration
	for role in STAFF_ROLES:
		if frappe.db.exists("Role", role):
			# Counts once an administrator turns two-factor authentication on in System Settings.
			frappe.db.set_value("Role", role, "two_factor_auth", 1)
	frappe.db.set_default(SEEDED, "1")
