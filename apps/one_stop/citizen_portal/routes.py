"""The portal's paths, in Vietnamese as people read them, and the function that answers each."""

from dataclasses import dataclass
from functools import cache

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

PAGES = "one_stop.citizen_portal.pages."


@dataclass(frozen=True)
class PortalRoute:
	"""A path with `<arguments>`, the function behind it, and whether forms may be sent to it."""

	path: str
	function: str
	takes_post: bool = False

	@property
	def name(self) -> str:
		return self.function.removeprefix(PAGES)

	@property
	def listed_as(self) -> str:
		"""How the allow-list writes it: every argument is a star."""
		return "/".join("*" if part.startswith("<") else part for part in self.path.split("/"))


def _route(path: str, function: str, takes_post: bool = False) -> PortalRoute:
	return PortalRoute(path, PAGES + function, takes_post)


ROUTES = (
	_route("/", "home.home"),
	_route("/so-lieu", "home.figures_page"),
	_route("/danh-gia-co-quan", "home.evaluations_page"),
	_route("/huong-dan", "home.help_page"),
	_route("/du-lieu-ca-nhan", "home.privacy"),
	_route("/thu-tuc", "catalogue.search"),
	_route("/thu-tuc/<code>", "catalogue.procedure"),
	_route("/thu-tuc/<code>/mau/<number>", "catalogue.sample"),
	_route("/co-quan", "catalogue.directory"),
	_route("/tra-cuu", "tracking.follow", True),
	_route("/dang-ky", "accounts.register", True),
	_route("/dang-nhap", "accounts.sign_in", True),
	_route("/dang-nhap/<provider>", "accounts.begin_with_provider"),
	_route("/dang-nhap/<provider>/ve", "accounts.return_from_provider"),
	_route("/dang-xuat", "accounts.sign_out", True),
	_route("/quen-mat-khau", "accounts.forgotten", True),
	_route("/tai-khoan", "accounts.account", True),
	_route("/tai-khoan/lien-he", "accounts.contact", True),
	_route("/tai-khoan/mat-khau", "accounts.password", True),
	_route("/tai-khoan/hai-lop", "accounts.second_factor", True),
	_route("/tai-khoan/du-lieu", "accounts.export"),
	_route("/tai-khoan/xoa", "accounts.delete", True),
	_route("/thong-bao", "accounts.notices", True),
	_route("/thong-bao/so", "accounts.notice_count"),
	_route("/kho-giay-to", "dossiers.store"),
	_route("/nop/<code>", "submit.begin", True),
	_route("/nop-ho-so/<draft>/<step>", "submit.step", True),
	_route("/ho-so", "dossiers.mine", True),
	_route("/ho-so/<name>", "dossiers.dossier", True),
	_route("/ho-so/<name>/xac-nhan-nop-tien/<payment>", "dossiers.payment_confirmation"),
	_route("/tai-ve/<file>", "dossiers.download"),
	_route("/thanh-toan/thu-nghiem", "payment.test_gateway", True),
	_route("/thanh-toan/ket-qua", "payment.returned"),
	_route("/thanh-toan/vnpay-ipn", "payment.notice"),
	_route("/danh-gia/<token>", "ratings.rate", True),
	_route("/danh-gia-tai-quay/<unit>", "ratings.kiosk", True),
	_route("/phan-anh", "petitions.published"),
	_route("/phan-anh/gui", "petitions.send", True),
	_route("/phan-anh/theo-doi", "petitions.follow", True),
)


@cache
def _map() -> Map:
	return Map(
		[Rule(route.path, endpoint=route) for route in ROUTES], strict_slashes=False, merge_slashes=False
	)


def match(path: str) -> tuple[PortalRoute | None, dict[str, str]]:
	"""The route of a decoded path, with the arguments in it."""
	# Frappe sends whoever signed in to the home page by this name.
	path = "/" if path.strip("/") == "index" else path
	try:
		route, arguments = _map().bind("portal").match("/" + path.strip("/"))
	except HTTPException:
		return None, {}
	return route, arguments
