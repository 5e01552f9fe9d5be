from one_stop.document_rows import DocumentRow


class WorkingWindow(DocumentRow):
	"""Khung giờ làm việc."""
