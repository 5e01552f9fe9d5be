"""The realtime server: who may listen to what."""

import time

import pytest
import socketio

NAMESPACE = "/one-stop"


@pytest.fixture
def listen(base_url: str):
	"""Connects a socket.io client with a session cookie."""
	opened = []

	def listen(sid: str | None) -> socketio.SimpleClient:
		headers = {"Cookie": f"sid={sid}"} if sid else {}
		# A browser tries again too, where the site is slow to say who it is.
		for tries_left in (2, 1, 0):
			client = socketio.SimpleClient()
			try:
				client.connect(base_url, headers=headers, namespace=NAMESPACE, wait_timeout=10)
			except socketio.exceptions.ConnectionError:
				if not tries_left:
					raise
			else:
				break
		opened.append(client)
		return client

	yield listen
	for client in opened:
		client.disconnect()


@pytest.fixture
def visitor(base_url: str, connection):
	"""The session id of a website user without any role."""
	import requests

	connection.get_doc(
		{
			"doctype": "User",
			"email": "realtime@one-stop.example",
			"first_name": "Realtime",
			"send_welcome_email": 0,
			"new_password": "Tham-Quan-7319!",
			"user_type": "Website User",
		}
	).insert(ignore_if_duplicate=True)
	connection.db.commit()
	session = requests.Session()
	words = {"contact": "realtime@one-stop.example", "password": "Tham-Quan-7319!"}
	answer = session.post(f"{base_url}/dang-nhap", data=words, timeout=30, allow_redirects=False)
	assert answer.status_code == 303
	return session.cookies["sid"]


def received(client: socketio.SimpleClient, seconds: float = 3) -> list:
	"""Every event that arrives within a time."""
	events = []
	end = time.monotonic() + seconds
	while (left := end - time.monotonic()) > 0:
		try:
			events.append(client.receive(timeout=left))
		except socketio.exceptions.TimeoutError:
			break
	return events


def test_a_user_receives_what_is_published_to_them(connection, administrator, listen):
	client = listen(administrator.cookies["sid"])
	connection.publish_realtime("edge_test", {"progress": 7}, user="Administrator")
	assert ["edge_test", {"progress": 7}] in received(client)


def test_without_a_session_nobody_is_let_in(listen):
	for sid in (None, "Guest", "made-up"):
		with pytest.raises(socketio.exceptions.ConnectionError):
			listen(sid)


def test_a_website_user_hears_neither_the_desk_nor_a_document_they_may_not_read(connection, visitor, listen):
	client = listen(visitor)
	client.emit("doc_subscribe", ("Role", "System Manager"))
	client.emit("doctype_subscribe", "Role")
	time.sleep(1)
	connection.publish_realtime("desk_test", {})
	connection.publish_realtime("document_test", {}, doctype="Role", docname="System Manager")
	connection.publish_realtime("list_update", {"doctype": "Role"})
	connection.publish_realtime("own_test", {}, user="realtime@one-stop.example")
	assert [event[0] for event in received(client)] == ["own_test"]


def test_a_reader_of_a_document_hears_of_it_and_of_its_list(connection, administrator, listen):
	client = listen(administrator.cookies["sid"])
	client.emit("doc_subscribe", ("Role", "System Manager"))
	client.emit("doctype_subscribe", "Role")
	time.sleep(1)
	connection.publish_realtime("document_test", {"n": 1}, doctype="Role", docname="System Manager")
	connection.publish_realtime("list_update", {"doctype": "Role"})
	names = [event[0] for event in received(client)]
	assert "document_test" in names
	assert "list_update" in names
