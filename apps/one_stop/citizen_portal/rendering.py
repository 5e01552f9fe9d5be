"""Draws the portal's pages: own templates, own small set of names, no way from a template to the database.

Frappe's website adds some 300 KB of scripts and inline code to a page and gives templates queries and HTTP;
`PortalRenderer` (hook `page_renderer`) answers the portal's paths before Frappe's own renderers are asked.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

import frappe
import frappe.sessions
from frappe import _
from frappe.utils import cint, get_datetime, getdate
from frappe.utils.jinja_globals import bundled_asset
from jinja2 import Environment, PackageLoader, select_autoescape
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from one_stop.citizen_portal import edge, routes, samples

LANGUAGES = ("vi", "en")
LANGUAGE_COOKIE = "portal_language"
YEAR = 365 * 24 * 3600
LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")
POLICY = (
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
	"connect-src 'self'; manifest-src 'self'; form-action 'self'{ways_out}; frame-ancestors 'none'; base-uri 'none'"
)
WEEKDAYS = {
	"vi": ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
	"en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


@dataclass
class Page:
	"""One answer: a template and what it shows."""

	template: str
	title: str
	values: dict[str, Any] = field(default_factory=dict)
	status: int = 200


@dataclass
class Redirect:
	"""On to another page. `way_out` names the foreign address our own code chose (a payment gateway)."""

	address: str
	way_out: bool = False


@dataclass
class Download:
	"""A file, always as an attachment unless it is an image or PDF that the browser may show."""

	content: bytes
	filename: str
	content_type: str
	inline: bool = False


class FormError(Exception):
	"""Something in a form is not in order: `{field: message}`; the page is shown again with the messages."""

	def __init__(self, **messages: str):
		super().__init__("; ".join(messages.values()))
		self.messages = messages


class PageMissing(Exception):
	"""There is no such page for this person. Says nothing about whether it exists for others."""


class TooManyAttempts(Exception):
	"""This address or account has tried too often."""


class SignInNeeded(Exception):
	"""The page belongs to an account."""


class PortalRequest:
	"""What a page needs of the request."""

	def __init__(self, arguments: dict[str, str]):
		self.raw = frappe.local.request
		self.path = "/" + self.raw.path.strip("/")
		self.is_post = self.raw.method == "POST"
		self.arguments = arguments
		self.query = self.raw.args
		self.form = self.raw.form
		self.user = frappe.session.user
		self.lang = frappe.local.lang

	@property
	def signed_in(self) -> bool:
		return self.user != "Guest"

	def text(self, name: str, most: int = 140) -> str:
		"""One line a person typed, without what cannot be seen, cut at `most` characters."""
		value = self.form.get(name, "") if self.is_post else self.query.get(name, "")
		return " ".join("".join(c for c in value if c.isprintable() or c in "\n\t ").split())[:most]

	@property
	def start(self) -> int:
		"""How many rows of a long list come before the page asked for."""
		return max(0, min(cint(self.query.get("tu")), 100_000))

	def long_text(self, name: str, most: int = 5000) -> str:
		value = self.form.get(name, "").replace("\r\n", "\n")
		return "".join(c for c in value if c.isprintable() or c in "\n\t").strip()[:most]

	def files(self, name: str) -> list[FileStorage]:
		return [file for file in self.raw.files.getlist(name) if file.filename]

	def need_account(self) -> str:
		"""The user behind the request.

		:raises SignInNeeded: nobody is signed in, or somebody of the staff, who has the desk
		"""
		if edge.audience_of(self.user) != "citizen":
			raise SignInNeeded
		return self.user


def neighbours(start: int, size: int, more: bool) -> dict[str, int | None]:
	"""Where the pages before and after one of so many rows begin; None where there is none (macro `pager`)."""
	return {"newer": max(0, start - size) if start else None, "older": start + size if more else None}


class PortalRenderer:
	"""Frappe's page renderer for the portal's paths."""

	def __init__(self, path: str, http_status_code: int | None = None):
		self.rule, self.arguments = None, {}
		request = getattr(frappe.local, "request", None)
		# Frappe also renders its error pages ("message") while a path of ours is being asked for.
		if request is not None and path.strip("/ ") == (request.path.strip("/ ") or "index"):
			self.rule, self.arguments = routes.match(request.path)

	def can_render(self) -> bool:
		return self.rule is not None

	def render(self) -> Response:
		choose_language()
		request = PortalRequest(self.arguments)
		if request.query.get("lang") in LANGUAGES:
			return switch_language(request)
		try:
			answer = self.answer(request)
		except SignInNeeded:
			frappe.db.rollback()
			answer = Redirect(f"/dang-nhap?next={quote(request.path)}")
		except (PageMissing, frappe.DoesNotExistError, frappe.PermissionError):
			frappe.db.rollback()
			answer = error(404, _("There is no such page."))
		except TooManyAttempts:
			frappe.db.rollback()
			answer = error(429, _("Too many attempts. Please try again later."))
		except Exception:
			frappe.db.rollback()
			frappe.log_error(title=f"Portal: {self.rule.name}")
			frappe.db.commit()
			answer = error(500, _("Something went wrong on our side. Please try again."))
		return respond(answer)

	def answer(self, request: PortalRequest) -> Page | Redirect | Download | Response:
		if request.is_post and not self.rule.takes_post:
			raise PageMissing
		return frappe.get_attr(self.rule.function)(request)


def is_secure() -> bool:
	"""Whether the visitor's way to nginx is encrypted."""
	request = frappe.local.request
	return request.scheme == "https" or request.headers.get("X-Forwarded-Proto") == "https"


def choose_language() -> None:
	"""Vietnamese unless this browser, or the account signed in, chose English here."""
	wanted = frappe.local.request.cookies.get(LANGUAGE_COOKIE)
	if wanted not in LANGUAGES and edge.audience_of(frappe.session.user) == "citizen":
		wanted = frappe.get_cached_value("User", frappe.session.user, "language")
	frappe.local.lang = wanted if wanted in LANGUAGES else "vi"


def switch_language(request: PortalRequest) -> Response:
	if edge.audience_of(request.user) == "citizen":
		# Notices speak the account's language.
		frappe.db.set_value("User", request.user, "language", request.query["lang"])
		frappe.db.commit()  # a link, which is no POST, leads here
	rest = "&".join(
		f"{quote(name)}={quote(value)}" for name, value in request.query.items(multi=True) if name != "lang"
	)
	response = respond(Redirect(quote(request.path, safe="/.-_~%") + (f"?{rest}" if rest else "")))
	response.set_cookie(
		LANGUAGE_COOKIE, request.query["lang"], max_age=YEAR, samesite="Lax", httponly=True, path="/"
	)
	return response


def error(status: int, message: str) -> Page:
	return Page("error.html", message, {"message": message}, status)


def respond(answer: Page | Redirect | Download | Response) -> Response:
	if isinstance(answer, Response):
		answer.headers["Cache-Control"] = "no-store"
		return answer
	if isinstance(answer, Redirect):
		if answer.way_out:
			frappe.local.one_stop_way_out = answer.address
		response = Response("", status=303, headers={"Location": answer.address})
	elif isinstance(answer, Download):
		response = Response(answer.content, content_type=answer.content_type)
		place = "inline" if answer.inline else "attachment"
		response.headers["Content-Disposition"] = f"{place}; filename*=UTF-8''{quote(answer.filename)}"
		response.headers["Cache-Control"] = "private, no-store"
		response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
		response.headers["X-Robots-Tag"] = "noindex"
		return response
	else:
		response = Response(draw(answer), status=answer.status, content_type="text/html; charset=utf-8")
	response.headers["Content-Security-Policy"] = policy()
	if frappe.session.user != "Guest" or frappe.local.request.method == "POST":
		response.headers["Cache-Control"] = "private, no-store"
	else:
		response.headers["Cache-Control"] = "no-cache"
	return response


def policy() -> str:
	"""The content policy of the portal's pages: nothing inline, forms go nowhere but here and to the gateway."""
	from one_stop.citizen_portal import payments

	hosts = "".join(f" {host}" for host in payments.gateway_origins())
	return POLICY.format(ways_out=hosts)


def error_page(status: int, message: str) -> str:
	"""A whole page saying why the edge refused."""
	choose_language()
	return draw(error(status, _(message)))


def draw(page: Page) -> str:
	signed_in = edge.audience_of(frappe.session.user) == "citizen"
	common = {
		"title": page.title,
		"lang": frappe.local.lang,
		"path": "/" + frappe.local.request.path.strip("/"),
		"query": {name: value for name, value in frappe.local.request.args.items() if name != "lang"},
		"signed_in": signed_in,
		"unread": _unread() if signed_in else 0,
		"full_name": frappe.get_cached_value("User", frappe.session.user, "full_name") if signed_in else "",
		"csrf_token": frappe.sessions.get_csrf_token() if frappe.session.user != "Guest" else "",
		"site_name": _("One-Stop Public Services"),
		"agency": _agency(),
		"_": _,
		"asset": bundled_asset,
		"errors": {},
		"values": {},
	}
	return environment().get_template(page.template).render({**common, **page.values})


def _unread() -> int:
	from one_stop.citizen_portal.notices import unread

	return unread(frappe.session.user)


def _agency() -> str:
	unit = frappe.get_cached_value("One-Stop Settings", "One-Stop Settings", "province_unit")
	return frappe.get_cached_value("Administrative Unit", unit, "unit_name") if unit else ""


@cache
def environment() -> Environment:
	made = Environment(
		loader=PackageLoader("one_stop", "templates/portal"),
		autoescape=select_autoescape(default=True),
		trim_blocks=True,
		lstrip_blocks=True,
	)
	made.filters.update(
		day=day_text,
		moment=moment_text,
		weekday=weekday_text,
		money=money_text,
		number=number_text,
		share=share_text,
		points=points_text,
		quote=_quote,
		can_be_marked=samples.can_be_marked,
	)
	return made


def _quote(value: Any) -> str:
	return quote(str(value), safe="")


def day_text(value: date | datetime | str | None) -> str:
	return getdate(value).strftime("%d/%m/%Y") if value else ""


def moment_text(value: datetime | str | None) -> str:
	return get_datetime(value).strftime("%H:%M %d/%m/%Y") if value else ""


def weekday_text(value: date | datetime | str) -> str:
	"""`thứ Năm 26/11/2026`"""
	day = getdate(value)
	return f"{WEEKDAYS.get(frappe.local.lang, WEEKDAYS['en'])[day.weekday()]} {day:%d/%m/%Y}"


def money_text(value: float | None) -> str:
	"""Đồng with dots, as they are written here: `50.000 đ`"""
	return f"{number_text(value)} đ"


def number_text(value: float | int | None) -> str:
	return f"{cint(value):,}".replace(",", "." if frappe.local.lang == "vi" else ",")


def share_text(value: float | None) -> str:
	"""A share in per cent, as its language writes it: `97,5%`; a dash where there is none."""
	return "–" if value is None else f"{points_text(value)}%"


def points_text(value: float | None) -> str:
	"""A number with one decimal, if it has any, as its language writes it: `14,5`; a dash where there is none."""
	if value is None:
		return "–"
	text = f"{value:.1f}".removesuffix(".0")
	return text.replace(".", ",") if frappe.local.lang == "vi" else text


def travels_encrypted(address: str) -> bool:
	"""Whether what is sent to an address can be read by nobody on its way: https, or no way at all."""
	parts = urlsplit(address)
	return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL_HOSTS)


def host_of(address: str) -> str:
	parts = urlsplit(address)
	return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else ""
