from one_stop.document_rows import DocumentRow


class EvaluationBand(DocumentRow):
	"""Mức xếp loại."""
