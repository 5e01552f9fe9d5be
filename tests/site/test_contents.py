"""What a dossier holds: papers come in by commands, their digests stand in the ledger, changes past it are found."""

import frappe
import pytest

from one_stop.dossiers import exceptions as refused
from one_stop.dossiers import intake, ledger
from tests import factories as make
from tests.factories import give

pytestmark = pytest.mark.usefixtures("province")


def scanned(dossier: str, who: str = make.CLERK) -> str:
	with make.acting(who):
		return make.scan(dossier)


def paper(dossier: str) -> str:
	return frappe.get_all("Dossier Component", {"parent": dossier}, pluck="component_name", order_by="idx")[0]


def test_a_paper_is_scanned_after_the_reception_and_then_handed_over_nd61_art_17_1():
	dossier = make.received()
	for name in intake.without_scan(frappe.get_doc("Dossier", dossier)):
		given = [{"component": name, "file": scanned(dossier)}]
		give("add_papers", dossier, make.CLERK, papers=given)
	give("complete_step", dossier, make.CLERK, step="1")
	row = frappe.get_all("Dossier Component", {"parent": dossier, "file": ["is", "set"]}, ["file", "sha256"])[
		0
	]
	assert row.sha256 == intake.sha256_of(row.file)
	assert ledger.verify(dossier) == []


def test_the_record_of_a_verification_is_kept_with_the_dossier_nd61_art_19_3():
	dossier = make.handed_over()
	record = [{"component": "Biên bản thẩm tra, xác minh", "file": scanned(dossier, make.OFFICER)}]
	give("add_papers", dossier, make.OFFICER, papers=record, note="Có mặt người nộp")
	assert frappe.db.exists(
		"Dossier Component", {"parent": dossier, "component_name": record[0]["component"]}
	)
	assert ledger.rows_of(dossier)[-1].kind == "papers_added"


@pytest.mark.parametrize("who", [make.STRANGER, make.CHAIRMAN])
def test_who_has_no_work_on_a_dossier_adds_no_papers(who):
	dossier = make.handed_over()
	with pytest.raises(refused.NotYourDuty):
		give("add_papers", dossier, who, papers=[{"component": "x", "file": scanned(dossier)}])


def test_no_file_of_another_dossier_is_taken_as_a_paper():
	dossier, other = make.received(), make.received()
	with pytest.raises(refused.CommandRefused):
		give("add_papers", dossier, make.CLERK, papers=[{"component": "x", "file": scanned(other)}])
	with pytest.raises(refused.CommandRefused):
		give("add_papers", dossier, make.CLERK, papers=[])


def test_a_supplement_brings_its_scans():
	dossier = make.handed_over()
	give("request_supplement", dossier, make.OFFICER, reason="Thiếu", items=[{"component": paper(dossier)}])
	given = [{"component": paper(dossier), "file": scanned(dossier)}]
	give("take_in_supplement", dossier, make.CLERK, papers=given)
	assert frappe.db.get_value(
		"Dossier Component", {"parent": dossier, "component_name": paper(dossier)}, "file"
	)
	event = ledger.event_of(ledger.rows_of(dossier)[-1])
	assert event.data["papers"] == [[paper(dossier), intake.sha256_of(given[0]["file"])]]
	assert ledger.verify(dossier) == []


@pytest.mark.parametrize(
	("doctype", "change"),
	[
		("Dossier Answer", {"value": "Người Khác"}),
		("Dossier Component", {"sha256": "0" * 64}),
		("Dossier Component", {"submitted": 0}),
	],
)
def test_contents_changed_past_the_commands_are_found(doctype, change):
	dossier = make.received()
	name = frappe.db.get_value(doctype, {"parent": dossier})
	frappe.db.set_value(doctype, name, change)
	assert [finding.sequence for finding in ledger.verify(dossier)] == [None]
	frappe.db.rollback()
	assert ledger.verify(dossier) == []


def test_a_paper_removed_past_the_commands_is_found():
	dossier = make.received()
	frappe.db.delete(
		"Dossier Component", {"name": frappe.db.get_value("Dossier Component", {"parent": dossier})}
	)
	assert ledger.verify(dossier)
	frappe.db.rollback()


def test_a_file_changed_on_the_disk_is_found():
	dossier = make.handed_over()
	url = scanned(dossier, make.OFFICER)
	give("add_papers", dossier, make.OFFICER, papers=[{"component": "Biên bản", "file": url}])
	assert ledger.verify_files(dossier) == []
	path = frappe.get_site_path(url.lstrip("/"))
	with open(path, "a", encoding="utf-8") as file:
		file.write("thêm")
	assert [finding.what for finding in ledger.verify_files(dossier)]
	assert ledger.verify(dossier) == [], "the record itself is sound"
