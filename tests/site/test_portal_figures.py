"""The public figures of the portal: counted by a job, so that no page waits for them."""

from datetime import date, datetime

import frappe
import pytest
import small_province as province
from werkzeug.wrappers import Request

from one_stop.citizen_portal import figures, published_evaluations
from one_stop.citizen_portal.pages import home
from one_stop.citizen_portal.rendering import PortalRequest, environment


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


# Published evaluations (NĐ 61/2018 art. 32, TT 01/2018/TT-VPCP art. 15.4)


@pytest.fixture
def nothing_published(site):
	with province.standing():
		frappe.db.delete("Unit Evaluation")
		yield
	frappe.cache.delete_keys(published_evaluations.PERIODS)


def evaluated(unit: str = "H99.40", period: str = "Quarter", number: int = 3, **values) -> str:
	"""An evaluation as the workflow leaves it: eight of nine indicators with data, and one that does not count."""
	name = frappe.generate_hash(length=10)
	ends = {
		"Month": date(2026, number, 28),
		"Quarter": date(2026, number * 3, 28),
		"Year": date(2026, 12, 31),
	}
	row = {
		"unit": unit,
		"unit_name": province.UNITS[unit][0],
		"scheme": "Agencies",
		"period": period,
		"year": 2026,
		"number": number,
		"last_day": ends[period],
		"status": "Published",
		"published_at": datetime(2026, 11, 5, 9),
		"has_score": 1,
		"score": 16,
		"verified_score": 14.5,
		"grade": "Excellent",
		"verified_grade": "Good",
		**values,
	}
	province._row("Unit Evaluation", name, **row)
	for position in range(10):
		province._row(
			"Evaluation Line",
			None,
			parent=name,
			parenttype="Unit Evaluation",
			parentfield="lines",
			idx=position + 1,
			indicator_key=str(position + 1),
			most=2,
			has_data=int(position < 7),
			entered=int(position == 7),
			counts=int(position < 9),
		)
	return name


def shown(lang: str = "vi", **query: str):
	"""What the page shows: its values and its text."""
	frappe.local.lang = lang
	published_evaluations.refresh()
	frappe.local.request = Request.from_values("/danh-gia-co-quan", query_string=query)
	try:
		page = home.evaluations_page(PortalRequest({}))
	finally:
		del frappe.local.request
	common = {"title": page.title, "lang": lang, "path": "/danh-gia-co-quan", "query": {}, "_": frappe._}
	text = (
		environment()
		.get_template(page.template)
		.render(**common, asset=lambda name: name, site_name="x", **page.values)
	)
	return page.values, text


def test_published_evaluations_of_agencies_are_told_with_points_indicators_and_class(nothing_published):
	evaluated()
	values, text = shown()
	(row,) = values["rows"]
	assert row == {
		"unit_name": "Phường Thử nghiệm",
		"score": 14.5,
		"grade": "Good",
		"scored": 8,
		"of": 9,
		"most": 18,
	}
	assert ">14,5/18<" in text and ">8/9<" in text and ">Tốt<" in text and "Quý 3/2026" in text
	_values, text = shown("en")
	assert ">14.5/18<" in text and ">8/9<" in text and ">Good<" in text and "Quarter 3/2026" in text


@pytest.mark.parametrize(
	"other",
	[
		*({"status": status} for status in ("Computed", "Self-Assessed", "Verified")),
		{"scheme": "Officers"},
		{"scheme": "Service Index"},
		{"period": "Month"},
	],
)
def test_nothing_else_is_shown_to_the_public(nothing_published, other):
	evaluated(**other)
	values, text = shown()
	assert values["rows"] == [] and "Phường Thử nghiệm" not in text
	assert "Chưa có kết quả nào được công bố." in text and "<table" not in text


def test_the_newest_period_comes_first_and_any_other_is_chosen(nothing_published):
	for period, number in (("Quarter", 2), ("Quarter", 4), ("Year", 1), ("Quarter", 3)):
		evaluated(period=period, number=number)
	evaluated(unit="H99.41", number=2)
	values, _text = shown()
	assert [key for key, _label in values["periods"]] == ["2026", "2026-4", "2026-3", "2026-2"]
	assert values["chosen"] == "2026" and values["period"] == "Năm 2026"
	values, text = shown(ky="2026-2")
	assert [row["unit_name"] for row in values["rows"]] == ["Phường Thử nghiệm", "Xã Kiểm thử"]
	assert '<option value="2026-2" selected>' in text
	for wrong in ("2026-9", "x", "'"):
		assert shown(ky=wrong)[0]["chosen"] == "2026"


def test_an_agency_nothing_is_known_of_has_no_points_and_no_class(nothing_published):
	name = evaluated(verified_score=0, verified_grade=None)
	frappe.db.set_value("Evaluation Line", {"parent": name}, {"has_data": 0, "entered": 0})
	values, text = shown()
	assert values["rows"][0]["score"] is None and values["rows"][0]["scored"] == 0
	assert "Chưa xếp loại" in text and ">0/9<" in text


def test_a_page_of_evaluations_shows_what_the_job_has_read_until_more_is_published(
	nothing_published, monkeypatch
):
	evaluated()
	shown()
	with monkeypatch.context() as patched:
		patched.setattr(published_evaluations, "_agencies", None)
		patched.setattr(published_evaluations, "_count", None)
		(period,) = published_evaluations.periods()
		assert len(published_evaluations.agencies(period)) == 1
	evaluated(unit="H99.41", published_at=datetime(2026, 11, 6, 9))
	assert len(shown()[0]["rows"]) == 2


def test_many_agencies_are_shown_page_by_page(nothing_published, monkeypatch):
	monkeypatch.setattr(home, "AGENCIES_SHOWN", 2)
	for unit in ("H99.01", "H99.02", "H99.40", "H99.41", "H99.20"):
		evaluated(unit)
	first, text = shown()
	assert (len(first["rows"]), first["newer"], first["older"]) == (2, None, 2)
	assert "/danh-gia-co-quan?ky=2026-3&amp;tu=2" in text
	last, _text = shown(tu="4")
	assert (len(last["rows"]), last["newer"], last["older"]) == (1, 2, None)
	assert shown(tu="-5")[0]["rows"] == first["rows"] and shown(tu="99")[0]["rows"] == []
