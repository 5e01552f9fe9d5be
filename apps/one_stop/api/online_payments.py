"""What the desk asks of online payments that people have to reconcile."""

import frappe

from one_stop.citizen_portal import payments


@frappe.whitelist(methods=["POST"])
def reconcile(payment: str, reason: str) -> None:
	"""Close a payment that no longer fitted its dossier, saying what became of the money."""
	frappe.only_for("One-Stop Administrator")
	payments.reconcile(payment, reason)
