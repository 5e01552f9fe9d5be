"""Pages as PDF/A, the form in which papers are kept (ISO 19005): one way for letters, lists, reports and awards."""

from typing import Any

import weasyprint
from weasyprint.pdf import VARIANTS


class ResourceRefused(Exception):
	"""A page names something that does not lie in the page itself."""


# With its text as Unicode where this WeasyPrint can; 59, which some releases of Frappe ask for, cannot.
VARIANT = "pdf/a-2u" if "pdf/a-2u" in VARIANTS else "pdf/a-2b"


def archival_pdf(page: str) -> bytes:
	"""An HTML page as PDF/A. Everything shown lies in the page; nothing is fetched.

	:raises ResourceRefused: or WeasyPrint's own error, where the page names something outside
	"""
	return weasyprint.HTML(string=page, url_fetcher=_inline_only()).write_pdf(pdf_variant=VARIANT)


def _inline_only() -> Any:
	"""A fetcher that reads nothing from outside the page, in the shape this WeasyPrint wants."""
	if hasattr(weasyprint.urls, "URLFetcher"):
		return weasyprint.urls.URLFetcher(allowed_protocols={"data"}, fail_on_errors=True)

	def fetch(url: str, *arguments, **options):
		if not url.startswith("data:"):
			raise ResourceRefused(url)
		return weasyprint.default_url_fetcher(url, *arguments, **options)

	return fetch
