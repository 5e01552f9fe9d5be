from one_stop.document_rows import DocumentRow


class ProcedureLegalBasis(DocumentRow):
	"""Căn cứ pháp lý của thủ tục."""
