from one_stop.document_rows import DocumentRow


class VersionWarning(DocumentRow):
	"""Cảnh báo của phiên bản."""
