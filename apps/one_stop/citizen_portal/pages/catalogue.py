"""Procedures and one-stop centres, for everybody (NĐ 61/2018 art. 15.1)."""

from datetime import datetime
from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, getdate, now_datetime

from one_stop.citizen_portal import samples
from one_stop.citizen_portal.rendering import Download, Page, PageMissing, PortalRequest
from one_stop.dossiers import deadlines
from one_stop.filters import among
from one_stop.organization import units
from one_stop.procedures import catalogue, terms
from one_stop.procedures.exceptions import NoVersionInForce

MOST_FOUND = 50
PLACES = "portal-places"
PLACES_SECONDS = 600


# What people say around the thing they want; without it "làm giấy khai sinh cho con" finds the birth registration.
FILLERS = frozenset(
	"lam xin cap muon can toi minh giay to thu tuc ho so dang ky nop cho cua ve o dau nhu the nao moi lai cai con".split()
)


def find(text: str) -> list[dict[str, Any]]:
	"""Procedures by what people say: all their words, else those that carry the meaning, else most of these."""
	found = catalogue.search(text, 100, public=True)
	if found or not text:
		return found
	words = [word for word in catalogue.plain(text).split() if word not in FILLERS][:8]
	if words and (found := catalogue.search(" ".join(words), 100, public=True)):
		return found
	hits: dict[str, list[Any]] = {}
	for word in words:
		for row in catalogue.search(word, 100, public=True):
			hits.setdefault(row["procedure"], [row, 0])[1] += 1
	most = max((count for _row, count in hits.values()), default=0)
	return [row for row, count in hits.values() if count == most]


def search(request: PortalRequest) -> Page:
	"""Procedures by words, by field, by agency."""
	text, field, unit = request.text("q"), request.text("field"), request.text("unit")
	found = find(text)
	if field:
		found = [row for row in found if row["field"] == field]
	if unit:
		found = [
			row
			for row in found
			if unit in {offer["receiving_unit"] for offer in units.one_stops_offering(row["procedure"])}
		]
	fields = sorted(
		set(frappe.get_all("Administrative Procedure", {"status": "In Force"}, pluck="field", limit=0))
	)
	online = _online({row["current_version"] for row in found if row["current_version"]})
	for row in found:
		row["online"] = online.get(row["current_version"])
	return Page(
		"search.html",
		_("Search for “{0}”").format(text) if text else _("Procedures"),
		{
			"q": text,
			"field": field,
			"unit": unit,
			"unit_name": units.unit_name(unit) if unit else "",
			"found": found[:MOST_FOUND],
			"fields": fields,
		},
	)


def places() -> list[tuple[str, str]]:
	"""The one-stop centres where any procedure in force is received: unit and name, the province's own first."""
	kept = frappe.cache.get_value(PLACES, expires=True)
	if kept is None:
		found = {
			offer["receiving_unit"]: offer["receiving_unit_name"]
			for code in frappe.get_all(
				"Administrative Procedure", {"status": "In Force"}, pluck="name", limit=0
			)
			for offer in units.one_stops_offering(code)
		}
		kept = sorted(found.items(), key=lambda row: (row[0].count("."), row[1]))
		frappe.cache.set_value(PLACES, kept, expires_in_sec=PLACES_SECONDS)
	return [tuple(row) for row in kept]


def _online(versions: set[str]) -> dict[str, str]:
	rows = frappe.get_all(
		"Procedure Version",
		filters={"name": among(versions)},
		fields=["name", "online_level", "channel_online"],
	)
	return {row.name: row.online_level for row in rows if cint(row.channel_online)}


def published(code: str) -> Any:
	"""A procedure in force. :raises PageMissing: there is none of this code"""
	if not frappe.db.exists("Administrative Procedure", {"name": code, "status": "In Force"}):
		raise PageMissing
	return frappe.get_cached_doc("Administrative Procedure", code)


def procedure(request: PortalRequest) -> Page:
	"""Everything a person must know, in plain words."""
	doc = published(request.arguments["code"])
	try:
		version = frappe.get_cached_doc("Procedure Version", terms.version_on(doc.name, getdate()).name)
	except NoVersionInForce:
		raise PageMissing from None
	offers = units.one_stops_offering(doc.name)
	unit = request.text("unit")
	if unit not in {offer["receiving_unit"] for offer in offers}:
		unit = offers[0]["receiving_unit"] if offers else ""
	components: dict[str, dict[str, Any]] = {}
	for row in version.components:
		entry = components.setdefault(row.component_name, {"row": row, "channels": []})
		if row.channel:
			entry["channels"].append(_(row.channel))
	return Page(
		"procedure.html",
		doc.name_en if request.lang == "en" and doc.name_en else doc.procedure_name,
		{
			"doc": doc,
			"version": version,
			"subjects": [
				_(label)
				for name, label in (
					("subject_citizen", "Citizens"),
					("subject_business", "Businesses"),
					("subject_state", "State bodies"),
					("subject_other", "Other organisations"),
				)
				if cint(doc.get(name))
			],
			"channels": terms.channels_of(version.name),
			"offers": offers,
			"unit": unit,
			"limits": [_limit(row) for row in version.limits],
			"promises": _promises(doc.name, version, unit, now_datetime()),
			"components": list(components.values()),
			"fees": version.fees,
			"steps": [row for row in version.steps if row.kind != "Payment" or row.public_milestone],
		},
	)


def _limit(row: Any) -> dict[str, str]:
	limit = terms.limit_of(row)
	language = "vi" if frappe.local.lang == "vi" else "en"
	return {
		"case": row.case_name or "",
		"channel": row.channel or "",
		"text": limit.text(language),
		"note": row.note or "",
		"kind": row.kind,
	}


def _promises(code: str, version: Any, unit: str, now: datetime) -> list[dict[str, Any]]:
	"""When the result would be ready, by channel and case, if one submitted now."""
	found = []
	for channel in terms.channels_of(version.name):
		for case in terms.cases_of(version.name):
			try:
				planned = deadlines.deadline_of(code, now, channel, case, unit or None).plan
			except frappe.ValidationError:
				continue
			if planned.due:
				found.append({"channel": _(channel), "case": case, "due": planned.due.replace(tzinfo=None)})
	return found


def sample(request: PortalRequest) -> Download:
	"""The sample of a paper, marked MẪU on every page."""
	doc = published(request.arguments["code"])
	version = frappe.get_cached_doc("Procedure Version", terms.version_on(doc.name, getdate()).name)
	number = cint(request.arguments["number"])
	rows = [row for row in version.components if row.idx == number and samples.can_be_marked(row.sample_file)]
	if not rows:
		raise PageMissing
	name = frappe.db.get_value("File", {"file_url": rows[0].sample_file})
	if not name:
		raise PageMissing
	file = frappe.get_doc("File", name)
	content = file.get_content()
	try:
		made = samples.marked(
			content.encode() if isinstance(content, str) else content, samples.extension(rows[0].sample_file)
		)
	except samples.SampleRefused:
		frappe.clear_messages()
		raise PageMissing from None
	return Download(made, f"MAU-{file.file_name.rsplit('.', 1)[0]}.pdf", "application/pdf")


def centres() -> list[Any]:
	"""One-stop centres in force, with where and when."""
	rows = frappe.get_all(
		"Administrative Unit",
		filters={"is_one_stop": 1},
		fields=[
			"name",
			"unit_name",
			"unit_code",
			"address",
			"phone",
			"email",
			"opening_hours",
			"parent_administrative_unit as parent",
		],
		order_by="lft asc",
		limit=0,
	)
	today = getdate()
	found = []
	for row in rows:
		unit = units.get(row.name)
		if unit and unit.exists_on(today):
			row.above = units.unit_name(row.parent) if row.parent else ""
			found.append(row)
	return found


def directory(request: PortalRequest) -> Page:
	"""Addresses, hours and telephones of every one-stop centre."""
	text = request.text("q")
	wanted = catalogue.plain(text)
	found = [
		row
		for row in centres()
		if wanted in catalogue.plain(f"{row.unit_name} {row.above} {row.address or ''}")
	]
	return Page("directory.html", _("Addresses and hours"), {"q": text, "centres": found})
