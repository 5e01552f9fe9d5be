from one_stop.document_rows import DocumentRow


class AwardVote(DocumentRow):
	"""Phiếu biểu quyết."""
