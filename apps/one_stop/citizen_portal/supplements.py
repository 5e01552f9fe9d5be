"""Papers that an applicant adds when the authority asks for them (NĐ 61/2018 art. 15.3, 17.2, 19.4)."""

from typing import Any

import frappe
from frappe import _

from one_stop.citizen_portal import drafts, uploads
from one_stop.citizen_portal.rendering import FormError, PortalRequest
from one_stop.dossiers import lifecycle

OTHER = "khac"


def asked(events: list[Any]) -> dict[str, Any] | None:
	"""The last request: `{reason, items: [{number, component, note}]}`."""
	for event in reversed(events):
		if event.kind == "supplement_requested":
			data = frappe.parse_json(event.data) if isinstance(event.data, str) else event.data or {}
			items = [{"number": number, **item} for number, item in enumerate(data.get("items") or [])]
			return {"reason": event.reason, "items": items}
	return None


def send(dossier: str, user: str, client_key: str, request: PortalRequest) -> None:
	"""Take the files in, hang them on the dossier, and tell the lifecycle.

	All files are looked at before any is stored. When the lifecycle refuses, none of them stays. Sent again under the
	same key, it is taken in once.

	:raises FormError: nothing is asked for, nothing was sent, or a file is refused
	"""
	if _taken_in(dossier, client_key):
		return
	if frappe.db.get_value("Dossier", dossier, "status") != "Awaiting Supplement":
		raise FormError(form=_("Nothing is asked for at the moment."))
	events = frappe.get_all(
		"Dossier Event", {"dossier": dossier}, ["kind", "reason", "data"], order_by="sequence asc", limit=0
	)
	wanted = asked(events)
	if not wanted:
		raise FormError(form=_("Nothing is asked for at the moment."))
	accepted, wrong = [], {}
	for item in [*wanted["items"], {"number": OTHER, "component": _("Other papers")}]:
		field = f"item-{item['number']}"
		files = request.files(field)
		if len(files) > drafts.MOST_FILES_A_PAPER:
			wrong[field] = _("At most {0} files for one paper.").format(drafts.MOST_FILES_A_PAPER)
			continue
		for file in files:
			try:
				accepted.append((item, file.filename, uploads.accept(file.stream.read(), file.filename)))
			except uploads.UploadRefused as refused:
				wrong[field] = str(refused)
	note = request.long_text("note", 1000)
	if wrong:
		raise FormError(**wrong)
	if not accepted and not note:
		raise FormError(form=_("Add at least one file, or write what you answer."))
	stored = []
	for item, filename, file in accepted:
		name = f"{filename.rsplit('.', 1)[0][-60:] or 'file'}.{file.extension}"
		doc = drafts.store_file("Dossier", dossier, name, file.content)
		stored.append((item["component"], doc))
	frappe.db.commit()
	names = ", ".join(f"{component}: {doc.file_name}" for component, doc in stored)
	try:
		lifecycle.take_in_supplement(
			dossier,
			client_key=client_key,
			note="\n".join(filter(None, (note, names)))[:1000],
			papers=[{"component": component, "file": doc.file_url} for component, doc in stored],
		)
	except BaseException:
		frappe.db.rollback()
		# What was interrupted after its end has its papers.
		for _component, doc in () if _taken_in(dossier, client_key) else stored:
			# Stored a moment ago by this very request.
			frappe.delete_doc("File", doc.name, ignore_permissions=True, delete_permanently=True)
		frappe.db.commit()
		raise


def _taken_in(dossier: str, client_key: str) -> bool:
	return bool(frappe.db.exists("Dossier Event", {"dossier": dossier, "client_key": client_key}))
