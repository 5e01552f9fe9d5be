"""The text blocks of official letters that an administrator may word: values put into plain text, and nothing else.

Pure. A block is plain text with `{{ applicant }}` for a value and `{% if reason %}…{% endif %}` for a condition. It
is rendered in a bare sandbox from a plain dict of texts: no functions, no loops, no database, no network. What a
block may contain is checked before anything of it runs.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST = 4000
LONGEST_RENDERED = 20_000
FILTERS = ("capitalize", "default", "lower", "trim", "upper")
_ALLOWED = (
	nodes.Template,
	nodes.Output,
	nodes.TemplateData,
	nodes.Name,
	nodes.Const,
	nodes.If,
	nodes.CondExpr,
	nodes.Compare,
	nodes.Operand,
	nodes.And,
	nodes.Or,
	nodes.Not,
	nodes.Filter,
)


class TextBlockError(ValueError):
	"""A text block that does not render. `template` is English text for translation, with `values` to put in."""

	template = "This text cannot be used."

	def __init__(self, **values: object) -> None:
		self.values = values
		super().__init__(self.template.format(**values))


class BlockTooLong(TextBlockError):
	template = "The text is longer than {most} characters."


class BlockSyntaxWrong(TextBlockError):
	template = "Line {line} cannot be read: {why}"


class BlockForbids(TextBlockError):
	template = "Line {line}: only values and conditions are possible here, without functions, loops or sums."


class UnknownValue(TextBlockError):
	template = "There is no value {name}; the values are: {known}"


class UnknownFilter(TextBlockError):
	template = "There is no filter {name}; the filters are: {known}"


def _environment() -> ImmutableSandboxedEnvironment:
	bare = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
	bare.globals.clear()
	bare.tests.clear()
	bare.filters = {name: bare.filters[name] for name in FILTERS}
	return bare


_BARE = _environment()


@lru_cache(maxsize=500)
def _compiled(block: str, known: frozenset[str]) -> Template:
	if len(block) > LONGEST:
		raise BlockTooLong(most=LONGEST)
	try:
		tree = _BARE.parse(block)
	except TemplateSyntaxError as error:
		raise BlockSyntaxWrong(line=error.lineno, why=error.message or "") from None
	_check(tree, known)
	return _BARE.from_string(block)


def _check(tree: nodes.Template, known: frozenset[str]) -> None:
	for node in _all(tree):
		if not isinstance(node, _ALLOWED):
			raise BlockForbids(line=getattr(node, "lineno", 1))
		if isinstance(node, nodes.Name) and node.name not in known:
			raise UnknownValue(name=node.name, known=", ".join(sorted(known)))
		if isinstance(node, nodes.Filter) and node.name not in FILTERS:
			raise UnknownFilter(name=node.name, known=", ".join(FILTERS))


def _all(tree: nodes.Node):
	yield tree
	for child in tree.iter_child_nodes():
		yield from _all(child)


def check(block: str | None, known: Collection[str]) -> None:
	"""Raise TextBlockError for a block that would not render with these values."""
	render(block, {name: "…" for name in known})


def render(block: str | None, values: Mapping[str, str | None]) -> str:
	"""The block with its values put in, as plain text. Missing values are blank.

	Raises BlockTooLong, BlockSyntaxWrong, BlockForbids, UnknownValue, UnknownFilter.
	"""
	if not (block or "").strip():
		return ""
	plain = {name: "" if value is None else str(value) for name, value in values.items()}
	text = _compiled(block, frozenset(plain)).render(plain)
	if len(text) > LONGEST_RENDERED:
		raise BlockTooLong(most=LONGEST_RENDERED)
	return text.strip()


def paragraphs(block: str | None, values: Mapping[str, str | None]) -> list[str]:
	"""The lines of a rendered block that are not blank. Raises what `render` raises."""
	return [line.strip() for line in render(block, values).splitlines() if line.strip()]
