from one_stop.document_rows import DocumentRow


class DossierListRow(DocumentRow):
	"""Hồ sơ trong danh sách."""
