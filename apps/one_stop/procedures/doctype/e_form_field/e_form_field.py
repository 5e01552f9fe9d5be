from one_stop.document_rows import DocumentRow


class EFormField(DocumentRow):
	"""Trường biểu mẫu điện tử."""
