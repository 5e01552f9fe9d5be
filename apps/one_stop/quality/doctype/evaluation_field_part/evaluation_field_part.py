from one_stop.document_rows import DocumentRow


class EvaluationFieldPart(DocumentRow):
	"""Kết quả theo lĩnh vực."""
