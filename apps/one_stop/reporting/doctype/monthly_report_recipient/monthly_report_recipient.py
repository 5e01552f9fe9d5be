from frappe.model.document import Document


class MonthlyReportRecipient(Document):
	"""Người nhận báo cáo tháng."""
