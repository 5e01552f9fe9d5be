from one_stop.document_rows import DocumentRow


class EvaluationIndicator(DocumentRow):
	"""Chỉ số đánh giá."""
