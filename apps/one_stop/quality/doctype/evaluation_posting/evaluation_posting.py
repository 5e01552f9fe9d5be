from one_stop.document_rows import DocumentRow


class EvaluationPosting(DocumentRow):
	"""Thời gian công tác trong kỳ."""
