"""The rating devices of one-stop centres, for who administers the centre."""

import frappe
import segno
from frappe import _
from frappe.utils import cint

from one_stop.compat import require_permission
from one_stop.organization import units
from one_stop.organization.exceptions import NotAOneStopCentre
from one_stop.quality import rating_devices


@frappe.whitelist(methods=["POST"])
def device(unit: str, renew: int = 0) -> dict[str, str]:
	"""The address that makes a tablet a rating device of a centre, and the same as a picture to scan.

	By POST only, since the answer is a secret of the centre.

	:param renew: first end the keys of all its devices
	:returns: `{"address", "picture"}`, the picture as a data address
	:raises frappe.PermissionError: the caller may not change the unit
	:raises NotAOneStopCentre: the unit is no one-stop centre
	"""
	require_permission("Administrative Unit", "write", unit)
	known = units.get(unit)
	if not known or not known.is_one_stop:
		frappe.throw(_("One-Stop Centre: {0} is not a one-stop centre.").format(unit), NotAOneStopCentre)
	if cint(renew):
		rating_devices.renew(known.name)
	address = rating_devices.address(known.name)
	return {"address": address, "picture": segno.make(address, error="m").svg_data_uri(scale=5, border=2)}
