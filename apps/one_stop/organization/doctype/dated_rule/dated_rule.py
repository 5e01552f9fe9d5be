from one_stop.document_rows import DocumentRow


class DatedRule(DocumentRow):
	"""Quy tắc có ngày hiệu lực."""
