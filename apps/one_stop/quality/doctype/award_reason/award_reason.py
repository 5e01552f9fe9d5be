from one_stop.document_rows import DocumentRow


class AwardReason(DocumentRow):
	"""Căn cứ đề nghị."""
