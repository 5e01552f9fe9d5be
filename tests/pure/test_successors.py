"""Who answers for a unit that was merged into another."""

from datetime import date, timedelta
from types import SimpleNamespace

from one_stop.organization import units


def test_a_merged_unit_is_answered_for_by_its_last_successor_from_that_day(monkeypatch):
	merged = {
		"A": ("B", date(2025, 7, 1)),
		"B": ("C", date(2026, 1, 1)),
		"X": ("Y", date(2025, 1, 1)),
		"Y": ("X", date(2025, 1, 1)),
	}
	tree = {"C": SimpleNamespace(successor=None, valid_to=None)}
	for name, (successor, first) in merged.items():
		tree[name] = SimpleNamespace(successor=successor, valid_to=first - timedelta(days=1))
	monkeypatch.setattr(units.TREE, "get", lambda: tree)
	assert units.successor_on("A", date(2025, 6, 30)) == "A"
	assert units.successor_on("A", date(2025, 7, 1)) == "B"
	assert units.successor_on("A", date(2026, 1, 1)) == "C"
	assert units.successor_on("X", date(2026, 1, 1)) in ("X", "Y")
