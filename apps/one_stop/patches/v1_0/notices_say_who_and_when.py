"""Have the notices that nobody has reworded say who received and handles a dossier, and when (NĐ 224/2026)."""

from one_stop.citizen_portal import notices


def execute() -> None:
	notices.renew_untouched()
