from one_stop.document_rows import DocumentRow


class EvaluationDifference(DocumentRow):
	"""Thay đổi khi tính lại."""
