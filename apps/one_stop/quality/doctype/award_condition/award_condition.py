from one_stop.document_rows import DocumentRow


class AwardCondition(DocumentRow):
	"""Điều kiện khen thưởng."""
