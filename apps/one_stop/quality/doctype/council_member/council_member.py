from one_stop.document_rows import DocumentRow


class CouncilMember(DocumentRow):
	"""Thành viên Hội đồng."""
