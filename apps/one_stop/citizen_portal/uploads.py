"""What may be uploaded, judged by its content and never by its name.

`inspect` is the check itself: it knows nothing of sites and either returns what may be stored or raises the rule that
is broken. `write_checked` (hook `write_file`) applies it to every file that comes in by a request, from the
portal and from the desk alike; files that the server makes itself pass by it.

Images are drawn anew, which leaves only pixels; PDF and office files are searched for anything that runs,
reaches out or carries other files. ClamAV looks as well where its daemon is configured (`clamav_address`).
"""

import io
import re
import socket
import struct
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from xml.parsers import expat

import frappe
from frappe import _
from frappe.core.doctype.file import file
from frappe.core.doctype.file.utils import get_content_hash
from frappe.utils import cint
from PIL import Image, ImageOps, UnidentifiedImageError
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

from one_stop import permissions
from one_stop.citizen_portal import throttle
from one_stop.citizen_portal.edge import audience_of

MEGABYTE = 2**20
MOST_BYTES = 20 * MEGABYTE
# A telephone's largest ordinary picture; three bytes a pixel once it is unpacked.
MOST_PIXELS = 50_000_000
# One at a time in each process: many at once would be more memory than a server has.
DECODING = threading.Semaphore(1)
SECONDS_TO_WAIT = 30
# What one account may send in a day where no other number is set.
DAILY_MEGABYTES = 500
DAY = 24 * 3600
LONGEST_SIDE = 5000
MOST_PDF_OBJECTS = 100_000
MOST_REFERENCES = 10
MOST_UNPACKED = 200 * MEGABYTE
MOST_ENTRIES = 5000
CHUNK = 64 * 1024

IMAGES = {"JPEG": ("jpg", "image/jpeg"), "PNG": ("png", "image/png"), "WEBP": ("jpg", "image/jpeg")}
IMAGES |= {"TIFF": ("jpg", "image/jpeg"), "BMP": ("png", "image/png")}
OFFICE = {
	"word/document.xml": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
	"xl/workbook.xml": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
OPEN_DOCUMENT = {
	"application/vnd.oasis.opendocument.text": "odt",
	"application/vnd.oasis.opendocument.spreadsheet": "ods",
}
TEXT = {"txt": "text/plain", "csv": "text/csv", "json": "application/json", "xml": "", "bpmn": ""}
# Actions of a PDF that run something, send something or fetch something (ISO 32000-1, 12.6.4).
ACTIVE_ACTIONS = frozenset(
	{
		"/JavaScript",
		"/Launch",
		"/SubmitForm",
		"/ImportData",
		"/GoToR",
		"/GoToE",
		"/Rendition",
		"/RichMediaExecute",
		"/Movie",
		"/Sound",
	}
)
ACTIVE_KEYS = frozenset(
	{"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMedia", "/RichMediaContent"}
)
HYPERLINK = "/relationships/hyperlink"
LINKED_TO = ("http://", "https://", "mailto:", "tel:", "#")
ELSEWHERE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|//|\\\\)", re.IGNORECASE)
# Elements of open documents that people follow by a click, and those that run something.
FOLLOWED = frozenset({"a", "reference-ref", "bibliography-mark"})
RUNNING = frozenset({"event-listener", "script", "applet", "plugin", "dde-connection", "dde-connection-decl"})
# Parts of office files whose elements start or fetch something without any relation that says so.
PARTS_THAT_REACH_OUT = ("word/", "xl/externallinks/")
LINKS_TO_PROGRAMS = frozenset({"ddelink", "olelink"})
# Fields of a text that start a program or fetch something; QUOTE puts such a name together from numbers.
FIELD_CODES = re.compile(
	r"(?<![a-z])(?:DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|QUOTE)(?![a-z])", re.IGNORECASE
)
MARKUP = re.compile(
	rb"<\s*(?:!doctype|html|head|body|script|svg|iframe|object|embed|\?xml|xml)", re.IGNORECASE
)


class UploadRefused(frappe.ValidationError):
	"""A file that may not be stored."""

	http_status_code = 417


class FileTooLarge(UploadRefused):
	"""Larger than what is taken."""


class EmptyFile(UploadRefused):
	"""Nothing in it."""


class UnknownFileType(UploadRefused):
	"""Neither a picture, nor a PDF, nor an office file, by its content."""


class DamagedFile(UploadRefused):
	"""Its kind is known but it cannot be read."""


class ActiveContent(UploadRefused):
	"""It would run, fetch or carry something."""


class ProtectedFile(UploadRefused):
	"""A password keeps us from looking into it."""


class TooBusy(UploadRefused):
	"""Other pictures are being looked at for too long."""


class QuotaUsedUp(UploadRefused):
	"""The account has sent as much as one may send in a day."""


class InfectedFile(UploadRefused):
	"""The virus scanner found something."""


class ScannerSilent(UploadRefused):
	"""A virus scanner is configured and does not answer."""


@dataclass(frozen=True)
class Accepted:
	"""What may be stored: the (perhaps redrawn) content and its real kind."""

	content: bytes
	extension: str
	content_type: str


def inspect(content: bytes, filename: str, text_too: bool = False) -> Accepted:
	"""Judge a file by its content.

	:param text_too: also take plain text, CSV and JSON (the desk imports them)
	:raises UploadRefused: one of its subclasses, with what to do instead
	"""
	if not content:
		raise EmptyFile(_("The file {0} is empty.").format(_short(filename)))
	if len(content) > MOST_BYTES:
		raise FileTooLarge(
			_(
				"The file {0} is larger than {1} MB. Take the picture in a smaller size or split the file."
			).format(_short(filename), MOST_BYTES // MEGABYTE)
		)
	if content.startswith(b"%PDF-"):
		check_pdf(content, filename)
		return Accepted(content, "pdf", "application/pdf")
	if content.startswith(b"PK\x03\x04"):
		return _office_file(content, filename)
	if image := _image(content, filename):
		return image
	if text_too and (text := _text(content, filename)):
		return text
	raise UnknownFileType(
		_("The file {0} is of a kind that is not taken. Send a picture (JPG, PNG) or a PDF.").format(
			_short(filename)
		)
	)


def _short(filename: str) -> str:
	return PurePath(filename or "").name[-60:]


def _image(content: bytes, filename: str) -> Accepted | None:
	if not DECODING.acquire(timeout=SECONDS_TO_WAIT):
		raise TooBusy(_("Many pictures are being checked right now. Please try again in a minute."))
	try:
		return _redrawn(content, filename)
	finally:
		DECODING.release()


def _redrawn(content: bytes, filename: str) -> Accepted | None:
	try:
		with Image.open(io.BytesIO(content), formats=list(IMAGES)) as image:
			if image.width * image.height > MOST_PIXELS:
				raise FileTooLarge(_("The picture {0} has too many pixels.").format(_short(filename)))
			kind = image.format
			if kind == "TIFF" and getattr(image, "n_frames", 1) > 1:
				raise UnknownFileType(
					_("The picture {0} has several pages. Save it as a PDF and send that.").format(
						_short(filename)
					)
				)
			# Made smaller first: every further step copies it.
			image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
			try:
				redrawn = ImageOps.exif_transpose(image)
			except Exception:  # a picture whose notes are broken is turned as it is
				redrawn = image.copy()
	except UnidentifiedImageError:
		return None
	except UploadRefused:
		raise
	except Image.DecompressionBombError:
		raise FileTooLarge(_("The picture {0} has too many pixels.").format(_short(filename))) from None
	except Exception:
		# Pillow raises many kinds of errors for broken pictures.
		raise DamagedFile(_("The picture {0} is damaged.").format(_short(filename))) from None
	# What is left are variants of JPEG such as MPO, which phones write.
	extension, content_type = IMAGES.get(kind, IMAGES["JPEG"])
	modes = ("L", "RGB") if extension == "jpg" else ("1", "L", "LA", "RGB", "RGBA")
	if redrawn.mode not in modes:
		redrawn = redrawn.convert(modes[-1])
	# A new picture takes over pixels and nothing else: no notes, no comments, no colour profiles.
	clean = Image.new(redrawn.mode, redrawn.size)
	clean.paste(redrawn)
	out = io.BytesIO()
	options = {"format": "JPEG", "quality": 88} if extension == "jpg" else {"format": "PNG"}
	clean.save(out, optimize=True, **options)
	return Accepted(out.getvalue(), extension, content_type)


def check_pdf(content: bytes, filename: str = "") -> None:
	"""Every object of the file, those in compressed streams too.

	:raises ActiveContent: it runs, fetches, sends or carries something
	:raises DamagedFile: it cannot be read, or something hangs on behind its end
	:raises ProtectedFile: it asks for a password
	"""
	end = content.rfind(b"%%EOF")
	if end < 0 or len(content) - end > 1024 or b"PK\x05\x06" in content[end:]:
		raise DamagedFile(
			_("The PDF {0} is damaged or has something behind its end.").format(_short(filename))
		)
	try:
		reader = PdfReader(io.BytesIO(content), strict=False)
		if reader.is_encrypted and not reader.decrypt(""):
			raise ProtectedFile(
				_("The PDF {0} is protected by a password. Send it without one.").format(_short(filename))
			)
		active = next((name for name in _pdf_names(reader) if name), None)
		pages = len(reader.pages)
	except UploadRefused:
		raise
	except RecursionError:
		raise DamagedFile(_("The PDF {0} is damaged.").format(_short(filename))) from None
	except Exception:
		# pypdf raises many kinds of errors for broken files.
		raise DamagedFile(_("The PDF {0} is damaged.").format(_short(filename))) from None
	if active:
		raise ActiveContent(
			_("The PDF {0} contains active content ({1}). Print it to a new PDF and send that.").format(
				_short(filename), active.strip("/")
			)
		)
	if pages < 1:
		raise DamagedFile(_("The PDF {0} has no pages.").format(_short(filename)))


def _pdf_names(reader: PdfReader) -> Iterator[str]:
	"""The name of each active part found."""
	numbers = {(number, generation) for generation, rows in reader.xref.items() for number in rows}
	numbers |= {(number, 0) for number in reader.xref_objStm}
	if len(numbers) > MOST_PDF_OBJECTS:
		raise DamagedFile(_("The PDF has too many parts."))
	yield from _active_in(reader.trailer)
	for number, generation in sorted(numbers):
		found = reader.get_object(IndirectObject(number, generation, reader))
		if found is not None:
			yield from _active_in(found)


def _active_in(value: Any, depth: int = 0) -> Iterator[str]:
	if depth > 60:
		raise DamagedFile(_("The PDF is nested too deeply."))
	if isinstance(value, DictionaryObject):
		kind = value.raw_get("/S") if "/S" in value else None
		for _each in range(MOST_REFERENCES):
			if not isinstance(kind, IndirectObject):
				break
			kind = kind.get_object()
		if isinstance(kind, IndirectObject):
			raise DamagedFile(_("The PDF is nested too deeply."))
		if isinstance(kind, NameObject) and str(kind) in ACTIVE_ACTIONS:
			yield str(kind)
		for key in value:
			inner = value.raw_get(key)
			if str(key) in ACTIVE_KEYS and not (str(key) == "/EF" and isinstance(inner, NameObject)):
				yield str(key)
			yield from _active_in(inner, depth + 1)
	elif isinstance(value, ArrayObject):
		for index in range(len(value)):
			yield from _active_in(list.__getitem__(value, index), depth + 1)


def _office_file(content: bytes, filename: str) -> Accepted:
	try:
		with zipfile.ZipFile(io.BytesIO(content)) as archive:
			return _checked_archive(content, archive, filename)
	except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, KeyError, ValueError):
		raise DamagedFile(_("The file {0} is damaged.").format(_short(filename))) from None


def _checked_archive(content: bytes, archive: zipfile.ZipFile, filename: str) -> Accepted:
	entries = archive.infolist()
	names = [entry.filename for entry in entries]
	if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
		raise FileTooLarge(_("The file {0} is too large when unpacked.").format(_short(filename)))
	if any(name.startswith(("/", "\\")) or ".." in PurePath(name).parts for name in names):
		raise ActiveContent(_("The file {0} reaches outside itself.").format(_short(filename)))
	extension, content_type = _office_kind(archive, names, filename)
	lower = [name.lower() for name in names]
	if any(
		"vbaproject" in name
		or "/activex/" in name
		or "/embeddings/" in name
		or name.startswith(("basic/", "scripts/"))
		for name in lower
	):
		raise ActiveContent(
			_("The file {0} contains macros or other files. Save it as a PDF and send that.").format(
				_short(filename)
			)
		)
	open_document = extension in OPEN_DOCUMENT.values()
	for name in names:
		if name.lower().endswith(".rels"):
			_check_elements(archive.read(name), filename, _relation_reaches_out)
		elif open_document and name.lower().endswith(".xml"):
			_check_elements(archive.read(name), filename, _element_reaches_out)
		elif name.lower().startswith(PARTS_THAT_REACH_OUT) and name.lower().endswith(".xml"):
			_check_elements(archive.read(name), filename, _office_element_reaches_out)
	return Accepted(content, extension, content_type)


def _office_kind(archive: zipfile.ZipFile, names: list[str], filename: str) -> tuple[str, str]:
	if "[Content_Types].xml" in names:
		for part, kind in OFFICE.items():
			if part in names:
				return kind
	if names[:1] == ["mimetype"]:
		kind = archive.read("mimetype")[:100].decode("ascii", "replace").strip()
		if kind in OPEN_DOCUMENT:
			return OPEN_DOCUMENT[kind], kind
	raise UnknownFileType(
		_("The file {0} is an archive. Send the papers in it one by one.").format(_short(filename))
	)


def _check_elements(
	content: bytes, filename: str, reaches_out: Callable[[str, dict[str, str]], bool]
) -> None:
	"""Read a part as XML, whatever its encoding, quotes and prefixes, and judge each element."""
	active, inside, codes = False, False, []

	def element(name: str, attributes: dict[str, str]) -> None:
		nonlocal active, inside
		kind = name.rsplit(" ", 1)[-1].lower()
		local = {key.rsplit(" ", 1)[-1].lower(): value for key, value in attributes.items()}
		active = active or reaches_out(kind, local)
		inside = kind == "instrtext"
		# A field's code may be spread over many runs, which are read as one.
		if kind in ("fldchar", "fldsimple"):
			codes.append(f"\n{local.get('instr', '')}")

	def end(_name: str) -> None:
		nonlocal inside
		inside = False

	def text(part: str) -> None:
		if inside:
			codes.append(part)

	def declaration(*_given: object) -> None:
		nonlocal active
		active = True

	reader = expat.ParserCreate(namespace_separator=" ")
	reader.StartElementHandler = element
	reader.EndElementHandler = end
	reader.CharacterDataHandler = text
	# No office file has a document type of its own; entities hide things and swell.
	reader.EntityDeclHandler = declaration
	reader.ExternalEntityRefHandler = lambda *_given: 0
	try:
		reader.Parse(content, True)
	except expat.ExpatError:
		if not active:
			raise DamagedFile(_("The file {0} is damaged.").format(_short(filename))) from None
	if active or FIELD_CODES.search("".join(codes)):
		raise ActiveContent(
			_("The file {0} fetches something from elsewhere. Save it as a PDF and send that.").format(
				_short(filename)
			)
		)


def _relation_reaches_out(name: str, attributes: dict[str, str]) -> bool:
	if name != "relationship":
		return False
	target = attributes.get("target", "")
	external = attributes.get("targetmode", "").strip().lower() == "external" or ELSEWHERE.match(target)
	if attributes.get("type", "").strip().endswith(HYPERLINK):
		return bool(external) and not target.strip().lower().startswith(LINKED_TO)
	return bool(external)


def _office_element_reaches_out(name: str, _attributes: dict[str, str]) -> bool:
	return name in LINKS_TO_PROGRAMS


def _element_reaches_out(name: str, attributes: dict[str, str]) -> bool:
	if name in RUNNING:
		return True
	target = attributes.get("href", "")
	if name in FOLLOWED:
		return bool(ELSEWHERE.match(target)) and not target.strip().lower().startswith(LINKED_TO)
	return bool(ELSEWHERE.match(target))


def _text(content: bytes, filename: str) -> Accepted | None:
	extension = PurePath(filename or "").suffix.lower().lstrip(".")
	if extension not in TEXT or b"\x00" in content:
		return None
	try:
		content.decode("utf-8-sig")
	except UnicodeDecodeError:
		return None
	content_type = TEXT[extension]
	if not content_type or MARKUP.search(content[:4096]):
		return None
	return Accepted(content, extension, content_type)


def scan(content: bytes, filename: str, address: str) -> None:
	"""Ask clamd (INSTREAM) about a file.

	:param address: ``unix:/path/to/socket`` or ``tcp:host:port``
	:raises InfectedFile: it found something
	:raises ScannerSilent: no answer; nothing is taken unscanned
	"""
	try:
		answer = _ask_scanner(content, address)
	except (OSError, ValueError) as error:
		frappe.log_error(title="ClamAV does not answer", message=str(error))
		raise ScannerSilent(
			_("Files cannot be checked for viruses right now. Please try again in a few minutes.")
		) from None
	if answer.endswith("FOUND"):
		raise InfectedFile(_("The file {0} was refused by the virus scanner.").format(_short(filename)))
	if not answer.endswith("OK"):
		frappe.log_error(title="ClamAV answered", message=answer)
		raise ScannerSilent(
			_("Files cannot be checked for viruses right now. Please try again in a few minutes.")
		)


def _ask_scanner(content: bytes, address: str) -> str:
	kind, _colon, where = address.partition(":")
	if kind == "unix":
		connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		target: Any = where
	else:
		connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
		host, _colon, port = where.rpartition(":")
		target = (host, int(port))
	with connection:
		connection.settimeout(30)
		connection.connect(target)
		connection.sendall(b"zINSTREAM\0")
		for start in range(0, len(content), CHUNK):
			chunk = content[start : start + CHUNK]
			connection.sendall(struct.pack("!I", len(chunk)) + chunk)
		connection.sendall(struct.pack("!I", 0))
		answer = b""
		while not answer.endswith(b"\0") and (part := connection.recv(4096)):
			answer += part
	return answer.strip(b"\0\n ").decode("utf-8", "replace")


def charge(size: int) -> None:
	"""Count the bytes that somebody who does not work here sends: by account, for strangers by address."""
	if getattr(frappe.local, "request", None) is None or audience_of(frappe.session.user) == "staff":
		return
	guest = frappe.session.user == "Guest"
	whose = throttle.address() if guest else frappe.session.user
	most = cint(frappe.db.get_single_value("Citizen Portal Settings", "daily_upload_mb")) or DAILY_MEGABYTES
	if throttle.attempts("upload-bytes", whose, DAY, add=size) > most * MEGABYTE:
		raise QuotaUsedUp(
			_(
				"More than {0} MB were sent today. Please go on tomorrow, or hand the papers in at the counter."
			).format(most)
		)


def accept(content: bytes, filename: str, text_too: bool = False) -> Accepted:
	"""`inspect`, then the virus scanner where one is configured.

	:raises QuotaUsedUp: the citizen has sent as much as one may send in a day
	"""
	charge(len(content))
	accepted = inspect(content, filename, text_too)
	if address := frappe.conf.get("clamav_address"):
		scan(content, filename, address)
	return accepted


def write_checked(doc) -> dict[str, str]:
	"""Store a File's content after looking at it (hook `write_file`).

	Only what comes in by a request is looked at; `flags.made_by_server` marks what our own code has drawn
	within one. Pictures get the extension of what they really are.
	"""
	if getattr(frappe.local, "request", None) and not doc.flags.made_by_server and not _is_export(doc):
		content = doc._content.encode() if isinstance(doc._content, str) else doc._content
		accepted = accept(content, doc.file_name, text_too=audience_of(frappe.session.user) == "staff")
		doc._content = doc.content = accepted.content
		doc.file_size = len(accepted.content)
		doc.content_hash = get_content_hash(accepted.content)
		stem, suffix = PurePath(doc.file_name).stem, PurePath(doc.file_name).suffix.lower().lstrip(".")
		if suffix not in (accepted.extension, *(("jpeg",) if accepted.extension == "jpg" else ())):
			doc.file_name = f"{stem}.{accepted.extension}"
	return doc.save_file_on_filesystem()


def _is_export(doc) -> bool:
	"""Archives that Frappe writes itself: prepared reports, exported data."""
	return doc.attached_to_doctype in ("Prepared Report", "Data Export", "Personal Data Download Request")


def refuse_public(doc) -> None:
	"""Papers are never public: what hangs on a document of ours, and all that no administrator uploads.

	:raises UploadRefused: the file would be readable by everybody
	"""
	if cint(doc.is_private):
		return
	module = frappe.get_meta(doc.attached_to_doctype).module if doc.attached_to_doctype else None
	ours = module and frappe.local.module_app.get(frappe.scrub(module)) == "one_stop"
	if ours or "System Manager" not in frappe.get_roles():
		raise UploadRefused(_("Files here are private: mark the file as private and upload it again."))


def has_file_permission(doc, ptype: str = "read", user: str | None = None, debug: bool = False) -> bool:
	"""Frappe's rule for files, and one more: nobody reaches a file by naming its address in a new File, and
	the server fetches none from elsewhere (hook `has_permission`, asked before Frappe reads the file).

	In Frappe 15 the last hook that answers decides alone, in 16 all must agree: so this one asks Frappe's own.
	"""
	user = user or frappe.session.user
	if ptype == "create" and getattr(frappe.local, "request", None) is not None and not doc.is_folder:
		refuse_public(doc)
		if not _may_name(doc, user):
			return False
	if doc.attached_to_doctype == "Dossier" and doc.attached_to_name and not doc.is_new():
		# Frappe lets an owner do everything for ever; here the dossier decides.
		if user != "Administrator" and not permissions.has_dossier_file_permission(
			doc.attached_to_name, ptype, user, doc.owner
		):
			return False
	return bool(file.has_permission(doc, ptype, user))


def keep_address(doc, method: str | None = None) -> None:
	"""Where a file lies is not changed from outside: it would then open another one (hook
	`before_validate` of File).

	:raises frappe.PermissionError:
	"""
	if doc.is_new() or doc.flags.ignore_permissions or not permissions.from_outside():
		return
	before = doc.get_doc_before_save()
	if before and (before.file_url, before.content_hash) != (doc.file_url, doc.content_hash):
		frappe.throw(_("File URL: the address of a file does not change."), frappe.PermissionError)


def _may_name(doc, user: str) -> bool:
	address = doc.file_url or ""
	if address.startswith(("http://", "https://", "//")):
		return "System Manager" in frappe.get_roles(user)
	if doc.content or not address.startswith("/private/"):
		return True
	known = frappe.get_all("File", filters={"file_url": address}, pluck="name")
	return any(frappe.has_permission("File", "read", doc=name, user=user) for name in known)
