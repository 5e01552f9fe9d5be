from one_stop.document_rows import DocumentRow


class CalendarYear(DocumentRow):
	"""Năm của lịch."""
