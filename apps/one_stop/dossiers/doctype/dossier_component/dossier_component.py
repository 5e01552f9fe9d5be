from one_stop.document_rows import DocumentRow


class DossierComponent(DocumentRow):
	"""Giấy tờ trong hồ sơ."""
