from one_stop.document_rows import DocumentRow


class ProcessStep(DocumentRow):
	"""Bước quy trình."""
