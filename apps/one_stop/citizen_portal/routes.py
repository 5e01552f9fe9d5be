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


ROUTES = (_route("/", "home.home"),)


@cache
def _map() -> Map:
	return Map(
		[Rule(route.path, endpoint=route) for route in ROUTES], strict_slashes=False, merge_slashes=False
	)


def match(path: str) -> tuple[PortalRoute | None, dict[str, str]]:
	"""The route of a decoded path, with the arguments in it."""
	try:
		route, arguments = _map().bind("portal").match("/" + path.strip("/"))
	except HTTPException:
		return None, {}
	return route, arguments
