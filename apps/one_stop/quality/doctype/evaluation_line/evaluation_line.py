from one_stop.document_rows import DocumentRow


class EvaluationLine(DocumentRow):
	"""Dòng chấm điểm."""
