from one_stop.document_rows import DocumentRow


class DossierFee(DocumentRow):
	"""Khoản thu của hồ sơ."""
