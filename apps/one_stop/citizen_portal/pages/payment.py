"""The ways back from the payment gateway, and the gateway for trials."""

import json

import frappe
from frappe import _
from frappe.utils import now_datetime
from werkzeug.wrappers import Response

from one_stop.citizen_portal import gateway, payments
from one_stop.citizen_portal.edge import audience_of
from one_stop.citizen_portal.rendering import Page, PageMissing, PortalRequest, Redirect
from one_stop.citizen_portal.strict_arguments import is_local_address


def notice(request: PortalRequest) -> Response:
	"""The gateway's server-to-server notice. Its signature is the caller's identity."""
	code, text = payments.receive_notice({name: value for name, value in request.query.items()})
	frappe.db.commit()
	return Response(json.dumps({"RspCode": code, "Message": text}), content_type="application/json")


def returned(request: PortalRequest) -> Page | Redirect:
	"""Where the payer lands. Decides nothing: the notice does."""
	order = payments.result_of({name: value for name, value in request.query.items()})
	if not order or audience_of(request.user) != "citizen" or order.user != request.user:
		return Page("paid.html", _("Payment"), {"order": None})
	paid = request.query.get("vnp_ResponseCode") == gateway.PAID
	state = "da-tra" if order.status == "Paid" else "cho-tra" if paid else "khong-tra"
	return Redirect(f"/ho-so/{order.dossier}?tb={state}")


def test_gateway(request: PortalRequest) -> Page | Redirect:
	"""A gateway that moves no money, for trials: shows the order, sends the notice, leads back."""
	through = payments.merchant()
	if not payments.is_test() or not through:
		raise PageMissing
	order = {name: value for name, value in request.query.items() if name.startswith("vnp_")}
	if gateway.signature(through.secret, order) != order.get("vnp_SecureHash"):
		raise PageMissing
	back = order["vnp_ReturnUrl"].removeprefix(frappe.utils.get_url())
	if not is_local_address(back):
		raise PageMissing
	if not request.is_post:
		return Page(
			"test_gateway.html",
			_("Test gateway"),
			{"amount": int(order["vnp_Amount"]) // 100, "info": order["vnp_OrderInfo"]},
		)
	paid = request.form.get("pay") == "1"
	answer = gateway.signed_answer(
		through.secret,
		{
			"vnp_TmnCode": through.code,
			"vnp_TxnRef": order["vnp_TxnRef"],
			"vnp_Amount": order["vnp_Amount"],
			"vnp_OrderInfo": order["vnp_OrderInfo"],
			"vnp_ResponseCode": "00" if paid else "24",
			"vnp_TransactionStatus": "00" if paid else "02",
			"vnp_TransactionNo": f"{now_datetime():%H%M%S%f}",
			"vnp_BankCode": "TEST",
			"vnp_PayDate": now_datetime().strftime(gateway.MOMENT),
		},
	)
	payments.receive_notice(answer)
	return Redirect(f"{back}?{gateway.signed_text(answer)}&vnp_SecureHash={answer['vnp_SecureHash']}")
