"""What people do at the desk again and again, for the browser tests."""

import io
import uuid

from pypdf import PdfWriter


def scan() -> bytes:
	"""A page as a scanner makes it; no two are the same."""
	out = io.BytesIO()
	writer = PdfWriter()
	writer.add_blank_page(595, 842)
	writer.add_metadata({"/Title": uuid.uuid4().hex})
	writer.write(out)
	return out.getvalue()


SCAN = scan()


def log_in(people, sample, username: str):
	"""A person of the sample province in a browser session of their own. They all have the same password."""
	known = sample["tiepnhan.haichau"]
	person = people(username)
	person.log_in(f"{username}@{known['user'].split('@')[1]}", known["password"])
	return person


def field(page, fieldname: str, within: str = ".page-container:visible"):
	"""The input of a form's field."""
	return page.locator(f"{within} [data-fieldname={fieldname}]").locator("input, select, textarea").first


def enter(entry, text: str) -> None:
	"""Fill in, as a person does who looks at what is there: Frappe moves the focus some time after a row is added."""
	for _try in range(3):
		entry.fill(text)
		entry.page.wait_for_timeout(150)
		if entry.input_value() == text:
			return
	raise AssertionError(f"the entry does not keep {text!r}: {entry.input_value()!r}")


def pick(page, fieldname: str, typed: str, chosen: str) -> None:
	"""Type into a link field and take the offer that shows some text."""
	field(page, fieldname).click()
	field(page, fieldname).fill("")
	page.keyboard.type(typed, delay=20)
	offer = page.locator(f"[data-fieldname={fieldname}] .awesomplete li", has_text=chosen)
	offer.first.wait_for()
	offer.first.click()


def open_dossier(page, code: str) -> None:
	"""Wait until the page of a dossier is drawn, with its actions."""
	page.locator(".os-code:visible", has_text=code).wait_for()
	page.wait_for_load_state("networkidle")


def press(page, label: str) -> None:
	"""Press an action that stands beside the page's title or in its menu of further actions."""
	button = page.locator(".page-head .btn:visible", has_text=label)
	menu = page.locator(".page-head .inner-group-button:visible > button")
	button.or_(menu).first.wait_for()
	if not button.count():
		menu.click()
		button = page.locator(".page-head .dropdown-item:visible", has_text=label)
	button.first.click()


def open_action(page, label: str) -> None:
	"""Press an action that opens a dialog."""
	press(page, label)
	page.locator(".modal.show").wait_for()


def act(page, label: str, values: dict[str, str] | None = None) -> None:
	"""Press a button of the dossier's page, fill in its dialog where it has one, and wait until it is done."""
	told = page.locator(".os-event").count()
	# What the action before has said must not be taken for this one's.
	page.evaluate("document.querySelectorAll('.desk-alert').forEach((alert) => alert.remove())")
	press(page, label)
	dialog = page.locator(".modal.show")
	done = page.locator(".alert-message, .desk-alert", has_text="Đã thực hiện")
	dialog.or_(done).first.wait_for()
	if dialog.count():
		for fieldname, value in (values or {}).items():
			enter(field(page, fieldname, ".modal.show"), value)
		dialog.locator(".btn-modal-primary:visible").click()
	done.first.wait_for()
	page.wait_for_function("(told) => document.querySelectorAll('.os-event').length > told", arg=told)


def timeline(page) -> list[str]:
	"""The events on the dossier's page, oldest first."""
	heads = page.locator(".os-timeline:visible .os-event-head b")
	return list(reversed(heads.all_inner_texts()))


def escape(page, dialog) -> None:
	"""Close a dialog with Escape; Bootstrap hides none that is still coming in, so the key is pressed until it goes."""
	for _press in range(40):
		page.keyboard.press("Escape")
		page.wait_for_timeout(250)
		if not dialog.is_visible():
			return
	raise AssertionError("Escape does not close the dialog")
