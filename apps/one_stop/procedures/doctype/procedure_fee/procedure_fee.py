from one_stop.document_rows import DocumentRow


class ProcedureFee(DocumentRow):
	"""Phí, lệ phí của thủ tục."""
