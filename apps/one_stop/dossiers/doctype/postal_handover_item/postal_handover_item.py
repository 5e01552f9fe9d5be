from one_stop.document_rows import DocumentRow


class PostalHandoverItem(DocumentRow):
	"""Hồ sơ trong biên bản giao nhận."""
