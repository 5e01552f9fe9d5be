"""The portal's first page, its figures, and the pages for people who cannot come."""

from typing import Any

import frappe
from frappe import _

from one_stop.citizen_portal import consent, figures, published_evaluations
from one_stop.citizen_portal.accounts import settings
from one_stop.citizen_portal.pages.catalogue import centres, places
from one_stop.citizen_portal.rendering import Page, PortalRequest, neighbours

CHART_HEIGHT = 120
MOST_AGENCIES = 5
AGENCIES_SHOWN = 100


def home(request: PortalRequest) -> Page:
	"""Search, and the ways in for people who do not know what to search for."""
	return Page(
		"home.html",
		_("Public services"),
		{
			"fields": _fields(),
			"life_events": life_events(),
			"places": places(),
			"months": chart(figures.by_month()[-6:]),
			"agencies": figures.by_agency()[:MOST_AGENCIES],
		},
	)


def _fields() -> list[Any]:
	rows = frappe.get_all("Administrative Procedure", filters={"status": "In Force"}, pluck="field", limit=0)
	return [frappe._dict(field=field, total=rows.count(field)) for field in sorted(set(rows))]


def life_events() -> list[tuple[str, str]]:
	"""What happens in people's lives, and the words that find its procedures."""
	return [
		(_("A child is born"), "khai sinh"),
		(_("Getting married"), "kết hôn"),
		(_("Moving, staying somewhere"), "cư trú"),
		(_("House and land"), "đất"),
		(_("Opening a business"), "kinh doanh"),
		(_("Copies and certificates"), "bản sao"),
	]


def chart(months: list[dict[str, Any]]) -> dict[str, Any]:
	"""Bars of received and resolved dossiers, ready to draw as SVG."""
	most = max([1, *(max(row["received"], row["resolved"]) for row in months)])
	bars = [
		{
			**row,
			"received_height": round(CHART_HEIGHT * row["received"] / most),
			"resolved_height": round(CHART_HEIGHT * row["resolved"] / most),
			"share_height": round(CHART_HEIGHT * (row["share"] or 0) / 100),
			"label": f"{row['month'][5:7]}/{row['month'][2:4]}",
		}
		for row in months
	]
	return {
		"bars": bars,
		"height": CHART_HEIGHT,
		"any": any(row["received"] or row["resolved"] for row in months),
	}


def figures_page(request: PortalRequest) -> Page:
	months = figures.by_month()
	values = {"months": chart(months), "rows": list(reversed(months)), "agencies": figures.by_agency()}
	return Page("figures.html", _("How dossiers are handled"), values)


def evaluations_page(request: PortalRequest) -> Page:
	"""The published evaluations of agencies in one period, the newest unless another one is asked for."""
	known = published_evaluations.periods()
	asked = request.text("ky")
	chosen = next((period for period in known if period["key"] == asked), known[0] if known else None)
	rows = published_evaluations.agencies(chosen) if chosen else []
	start = min(request.start, len(rows))
	return Page(
		"evaluations.html",
		_("How agencies are evaluated"),
		{
			"periods": [(period["key"], _in_words(period)) for period in known],
			"chosen": chosen["key"] if chosen else "",
			"period": _in_words(chosen) if chosen else "",
			"rows": rows[start : start + AGENCIES_SHOWN],
			**neighbours(start, AGENCIES_SHOWN, start + AGENCIES_SHOWN < len(rows)),
		},
	)


def _in_words(period: dict[str, Any]) -> str:
	if period["period"] == published_evaluations.QUARTER:
		return _("Quarter {0}/{1}").format(period["number"], period["year"])
	return _("Year {0}").format(period["year"])


def help_page(request: PortalRequest) -> Page:
	"""Post, opening hours and telephones, for people who cannot come."""
	return Page("help.html", _("If you cannot come"), {"centres": centres(), "settings": settings()})


def privacy(request: PortalRequest) -> Page:
	values = {"text": consent.text(request.lang), "version": consent.version()}
	return Page("privacy.html", _("Your personal data"), values)
