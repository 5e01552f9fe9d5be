"""Count again which fees were paid online and which results were given: levies and refusals are neither."""

from one_stop.reporting import daily_facts


def execute() -> None:
	daily_facts.rebuild_in_a_job()
