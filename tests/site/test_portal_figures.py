"""The public figures of the portal: counted by a job, so that no page waits for them."""

from one_stop.citizen_portal import figures


def test_pages_show_what_the_job_has_counted(site, monkeypatch):
	site.cache.delete_value(figures._key(site.utils.getdate().replace(day=1)))
	figures.refresh()
	counted = figures.by_month()

	def nobody_counts(last):
		raise AssertionError("a page counts for itself")

	monkeypatch.setattr(figures, "_computed", nobody_counts)
	assert figures.by_month() == counted and len(counted) == figures.MONTHS
	assert all(row["received"] >= 0 for row in figures.by_agency())


def test_without_the_job_a_page_counts_for_itself(site):
	site.cache.delete_value(figures._key(site.utils.getdate().replace(day=1)))
	assert len(figures.by_month()) == figures.MONTHS
