from one_stop.document_rows import DocumentRow


class DossierAnswer(DocumentRow):
	"""Câu trả lời biểu mẫu."""
