from one_stop.document_rows import DocumentRow


class ProcedureResult(DocumentRow):
	"""Kết quả của thủ tục."""
