from one_stop.document_rows import DocumentRow


class ProcedureOffer(DocumentRow):
	"""Nơi thực hiện thủ tục."""
