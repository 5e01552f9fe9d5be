from one_stop.document_rows import DocumentRow


class EvaluationThreshold(DocumentRow):
	"""Ngưỡng đánh giá."""
