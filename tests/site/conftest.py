"""The sample province without its dossiers, for tests on a site."""

import pytest


@pytest.fixture(scope="session")
def province(connection):
	"""Units, people, calendars and procedures of the sample province, loaded once."""
	from one_stop import sample

	sample.load(dossiers=False)
	connection.db.commit()


@pytest.fixture
def box(connection):
	"""Whatever the site sends by e-mail during a test."""
	from mail_catcher import catching

	with catching() as kept:
		yield kept
