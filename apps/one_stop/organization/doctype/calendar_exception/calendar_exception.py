from one_stop.document_rows import DocumentRow


class CalendarException(DocumentRow):
	"""Ngày ngoại lệ."""
