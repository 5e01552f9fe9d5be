from one_stop.document_rows import DocumentRow


class ProcedureTimeLimit(DocumentRow):
	"""Thời hạn giải quyết."""
