from one_stop.document_rows import DocumentRow


class ProcedureComponent(DocumentRow):
	"""Thành phần hồ sơ của thủ tục."""
