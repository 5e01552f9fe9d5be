"""What the desk asks of petitions. The public pages have their own endpoints."""

import frappe

from one_stop.compat import require_permission
from one_stop.quality import petitions


@frappe.whitelist(methods=["POST"])
def enter(
	kind: str,
	subject: str,
	content: str,
	sender_name: str,
	sender_address: str,
	sender_phone: str = "",
	sender_email: str = "",
	unit: str | None = None,
	dossier_code: str | None = None,
	way: str = "Writing",
) -> dict:
	"""Enter a petition that came in writing, by phone or at the counter."""
	require_permission("Petition", "create")
	return petitions.submit_petition(
		kind,
		subject,
		content,
		sender_name,
		sender_address,
		sender_phone,
		sender_email,
		unit or None,
		dossier_code or None,
		way=way if way in ("Writing", "Phone") else "Writing",
	)


@frappe.whitelist(methods=["POST"])
def accept(petition: str) -> dict:
	return petitions.accept(petition)


@frappe.whitelist(methods=["POST"])
def refuse(petition: str, reason: str) -> dict:
	return petitions.refuse(petition, reason)


@frappe.whitelist(methods=["POST"])
def ask_more(petition: str, question: str) -> dict:
	return petitions.ask_more(petition, question)


@frappe.whitelist(methods=["POST"])
def forward(petition: str, unit: str) -> dict:
	return petitions.forward(petition, unit)


@frappe.whitelist(methods=["POST"])
def link_dossier(petition: str, dossier_code: str) -> dict:
	return petitions.link_dossier(petition, dossier_code)


@frappe.whitelist(methods=["POST"])
def answer(
	petition: str,
	text: str,
	public_answer: str,
	finding: str | None = None,
	officer: str | None = None,
	public_subject: str | None = None,
) -> dict:
	return petitions.answer(petition, text, public_answer, finding, officer, public_subject)


@frappe.whitelist(methods=["POST"])
def publish(petition: str) -> dict:
	return petitions.publish(petition)
