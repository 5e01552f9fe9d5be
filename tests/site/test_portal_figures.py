"""The public figures of the portal: counted by a job, so that no page waits for them."""

from datetime import date

import small_province as province

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


def test_a_linked_dossier_counts_once_for_the_public(site):
	"""What an applicant handed in counts; the part that the system opened for it at another agency does not."""
	day = date(2026, 3, 3)
	with province.standing():
		before = {row["month"]: row for row in figures._computed(date(2026, 3, 1))["months"]}["2026-03-01"]
		root = province.dossier(day, ended=day, due=date(2026, 3, 9))
		province.dossier(day, ended=date(2026, 3, 20), due=date(2026, 3, 9), parent_dossier=root)
		after = figures._computed(date(2026, 3, 1))
		month = {row["month"]: row for row in after["months"]}["2026-03-01"]
		assert [month[key] - before[key] for key in ("received", "resolved", "on_time")] == [1, 1, 1]
		(ward,) = [row for row in after["agencies"] if row["unit"] == "H99.40"]
		assert (ward["received"], ward["resolved"], ward["share"]) == (1, 1, 100.0)


def test_a_share_is_written_as_its_language_writes_it(site, monkeypatch):
	from one_stop.citizen_portal.rendering import share_text

	for language, text in (("vi", ("97,5%", "100%", "–")), ("en", ("97.5%", "100%", "–"))):
		monkeypatch.setattr(site.local, "lang", language)
		assert tuple(share_text(share) for share in (97.5, 100.0, None)) == text


def test_the_places_to_submit_at_are_those_that_receive_something(site):
	from one_stop import sample
	from one_stop.citizen_portal.pages import catalogue
	from one_stop.organization import units

	sample.load(dossiers=False)
	site.cache.delete_value(catalogue.PLACES)
	places = dict(catalogue.places())
	assert places["H17.40.01.01"] == units.unit_name("H17.40.01.01")
	assert "H17.40.01" not in places, "a committee receives nothing, its centre does"
