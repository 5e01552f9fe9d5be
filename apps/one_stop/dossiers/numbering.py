"""Legal codes of dossiers (mã số hồ sơ), consecutive per agency and day.

TT 01/2018/TT-VPCP art. 19.1: ``V1V2V3.Z1Z2.Y1Y2.MX1X2-YYMMDD-XXXX``, the agency's code by QCVN 102:2016, the
day of receipt, a serial of four digits that begins anew every day.
"""

import re
from datetime import date

import frappe
from frappe import _

from one_stop.dossiers.exceptions import NoAgencyCode, NumbersExhausted

AGENCY = re.compile(r"\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}")
LEGAL_CODE = re.compile(r"\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}-\d{6}-\d{4}")
LAST_NUMBER = 9999


def agency_code(unit: str) -> str:
	"""The code of a unit by QCVN 102:2016. Raises NoAgencyCode where the unit has none."""
	code = frappe.get_cached_value("Administrative Unit", unit, "legacy_code") or ""
	if not AGENCY.fullmatch(code):
		frappe.throw(
			_(
				"{0} has no code of the form 000.05.16.H17: dossiers received there cannot be numbered."
			).format(unit),
			NoAgencyCode,
		)
	return code


def next_code(unit: str, day: date) -> str:
	"""Take the next code of an agency and day. Called last in a transaction: the counter's row stays locked until
	it ends, and a rollback gives the number back, so that numbers have no gaps.

	Raises NumbersExhausted after 9,999 codes of a day.
	"""
	agency = agency_code(unit)
	name = f"{agency}-{day:%Y-%m-%d}"
	now = frappe.utils.now()
	# One statement takes the lock and the number, whether the row is there or not.
	frappe.db.sql(
		"""insert into `tabDossier Counter`
			(name, creation, modified, owner, modified_by, agency, day, current)
		values (%(name)s, %(now)s, %(now)s, 'Administrator', 'Administrator', %(agency)s, %(day)s, 1)
		on duplicate key update current = current + 1, modified = %(now)s""",
		{"name": name, "now": now, "agency": agency, "day": day},
	)
	number = frappe.db.get_value("Dossier Counter", name, "current", order_by=None)
	if number > LAST_NUMBER:
		frappe.throw(
			_("{0} has received {1} dossiers today; the code has room for no more.").format(
				agency, LAST_NUMBER
			),
			NumbersExhausted,
		)
	return f"{agency}-{day:%y%m%d}-{number:04d}"
