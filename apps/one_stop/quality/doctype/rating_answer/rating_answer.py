from one_stop.document_rows import DocumentRow


class RatingAnswer(DocumentRow):
	"""Câu trả lời đánh giá."""
