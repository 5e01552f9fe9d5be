"""Ratings at a counter come from the counter's own device: over HTTP, as strangers would try."""

import pytest

from one_stop.quality import rating_devices
from tests import factories
from tests.edge.conftest import Caller

PATH = f"/danh-gia-tai-quay/{factories.CENTRE}"


@pytest.fixture
def key(connection):
	from one_stop import sample

	sample.load(dossiers=False)
	connection.db.commit()
	return rating_devices.address(factories.CENTRE).partition("?may=")[2]


def tokens(connection) -> int:
	connection.db.rollback()
	return connection.db.count("Rating Token", {"unit": factories.CENTRE})


def test_whoever_only_knows_the_address_is_asked_nothing_and_leaves_nothing(base_url, connection, key):
	before = tokens(connection)
	stranger = Caller(base_url)
	assert stranger.get(PATH).status_code == 403
	assert stranger.post(PATH, {"token": "x", "q-overall": "0"}).status_code == 403
	assert stranger.get(PATH, {"may": key[:-1] + "7"}).status_code == 404
	assert stranger.get(PATH, {"may": ""}).status_code == 404
	stranger.session.cookies.set("rating_device", "x" * 32)
	assert stranger.get(PATH).status_code == 403
	assert tokens(connection) == before


def test_a_device_keeps_the_key_of_its_centre_out_of_sight(base_url, connection, key):
	device = Caller(base_url)
	answer = device.get(PATH, {"may": key})
	assert (answer.status_code, answer.headers["Location"]) == (303, PATH)
	cookie = answer.headers["Set-Cookie"]
	assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/danh-gia-tai-quay/" in cookie
	page = device.get(PATH)
	assert page.status_code == 200 and key not in page.text and 'name="q-overall"' in page.text


def test_a_key_serves_no_other_centre_and_ends_with_a_new_address(base_url, connection, key):
	other = connection.db.get_value(
		"Administrative Unit", {"is_one_stop": 1, "name": ("!=", factories.CENTRE)}, "name"
	)
	assert not rating_devices.fits(other, key)
	device = Caller(base_url)
	device.get(PATH, {"may": key})
	rating_devices.renew(factories.CENTRE)
	connection.db.commit()
	assert device.get(PATH).status_code == 403
	assert device.get(PATH, {"may": key}).status_code == 404
	fresh = rating_devices.address(factories.CENTRE).partition("?may=")[2]
	assert device.get(PATH, {"may": fresh}).status_code == 303
	assert device.get(PATH).status_code == 200
