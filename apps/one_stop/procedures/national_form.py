"""A procedure as the national database describes it: the answer of its service LayThuTuc.

The names of its fields are known from two systems that read it (OpenCPS, and a province's of 2025); the service's own
description is not public. It tells what the applicant has to know, but neither the steps inside the authority
nor the decision of the province: what comes of it is a draft. Pure.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

CHANNELS = {"1": "Counter", "2": "Online", "3": "Post"}
FLAGS = {"Counter": "channel_counter", "Online": "channel_online", "Post": "channel_post"}
UNITS = (
	("giờ", "Working Hour"),
	("ngày làm việc", "Working Day"),
	("tháng", "Month"),
	("ngày", "Calendar Day"),
)
LEVELS = (("bộ", "Vertical Agency"), ("tỉnh", "Province"), ("huyện", "District"), ("xã", "Commune"))
SUBJECTS = (
	("subject_citizen", ("công dân", "cá nhân", "người")),
	("subject_business", ("doanh nghiệp", "hợp tác xã", "hộ kinh doanh")),
	("subject_state", ("cơ quan nhà nước", "cán bộ", "công chức", "viên chức")),
	("subject_other", ("tổ chức",)),
)
SHORT = 140
# What the database writes where the papers are for every case.
NO_CASE = ("bao gồm", "thành phần hồ sơ", "")


class NationalFormError(ValueError):
	"""The form lacks what a procedure needs. `values` fill the English `template`."""

	def __init__(self, template: str, **values: str) -> None:
		self.template, self.values = template, values
		super().__init__(template.format(**values))


def recognises(data: Any) -> bool:
	"""Whether this is the answer of LayThuTuc, or one procedure out of it."""
	return _procedure(data) is not None


def _procedure(data: Any) -> Mapping[str, Any] | None:
	if isinstance(data, Mapping):
		result = data.get("result", data.get("RESULT"))
		if isinstance(result, list):
			return _procedure(result[0]) if len(result) == 1 else None
		if "TENTTHC" in data:
			return data
	return None


def read_form(data: Any) -> dict[str, Any]:
	"""What the form says, as fields of this system: `{procedure, field_code, version, messages}`.

	Messages are `(template, values)`. Raises NationalFormError.
	"""
	form = _procedure(data) or {}
	code = _text(form.get("MATTHC") or form.get("MaTTHC") or form.get("maTTHC"))
	name = _line(form.get("TENTTHC"))
	if not code or not name:
		raise NationalFormError(
			"{fields}: the code or the name of the procedure is missing.", fields="MATTHC, TENTTHC"
		)
	messages: list[tuple[str, dict[str, str]]] = []
	field = next(iter(_rows(form, "LINHVUCTHUCHIEN")), {})
	if not _text(field.get("TENLINHVUC")):
		raise NationalFormError("{fields}: the field of the procedure is missing.", fields="LINHVUCTHUCHIEN")
	procedure = {
		"procedure_code": code,
		"procedure_name": name[:SHORT],
		"field": _line(field.get("TENLINHVUC"))[:SHORT],
		"level": _level(form, messages),
		"authority": _authority(form)[:SHORT],
		"keywords": _text(form.get("TUKHOA")),
		"source_note": "Cơ sở dữ liệu quốc gia về thủ tục hành chính (LayThuTuc).",
		**_subjects(form),
	}
	if len(name) > SHORT:
		messages.append(("The name is longer than {most} characters and was cut.", {"most": str(SHORT)}))
	return {
		"procedure": {key: value for key, value in procedure.items() if value not in ("", None)},
		"field_code": _text(field.get("MALINHVUC")),
		"version": _version(form, messages),
		"messages": messages,
	}


def _version(form: Mapping[str, Any], messages: list) -> dict[str, Any]:
	ways = [
		(CHANNELS[kenh], _rows(way, "THOIGIAN"))
		for way in _rows(form, "CACHTHUCTHUCHIEN")
		if (kenh := _text(way.get("KENH"))) in CHANNELS
	]
	channels = {channel for channel, _times in ways} or {"Counter"}
	note = "\n".join(
		part
		for part in (
			_text(form.get("YEUCAU")) and f"Yêu cầu, điều kiện: {_text(form.get('YEUCAU'))}",
			_order(form) and f"Trình tự thực hiện: {_order(form)}",
		)
		if part
	)
	version: dict[str, Any] = {
		**{flag: int(channel in channels) for channel, flag in FLAGS.items()},
		"limits": _limits(ways, messages),
		"fees": _fees(ways),
		"components": _components(form),
		"results": [
			{
				"result_name": _line(row.get("TENKETQUA"))[:SHORT],
				"result_code": _line(row.get("MAKETQUA"))[:SHORT],
			}
			for row in _rows(form, "KETQUATHUCHIEN")
			if _text(row.get("TENKETQUA"))
		],
		"legal_bases": [
			{
				"document_number": _line(row.get("SOVANBAN"))[:SHORT],
				"title": _line(row.get("TENVANBAN"))[:SHORT],
				**_issued(row.get("NGAYBANHANH")),
			}
			for row in _rows(form, "CANCUPHAPLY")
			if _text(row.get("SOVANBAN"))
		],
		"source_note": note,
	}
	if "Online" in channels:
		version["online_level"] = "Partial"
		version["partial_reason"] = "Chưa xác định: Cơ sở dữ liệu quốc gia không nêu mức độ dịch vụ."
		messages.append(
			("The form does not say whether the service is online in full: the draft says in part.", {})
		)
	return version


def _limits(ways: Sequence[tuple[str, list]], messages: list) -> list[dict[str, Any]]:
	by_channel: dict[str, list[dict[str, Any]]] = {}
	for channel, times in ways:
		rows = by_channel.setdefault(channel, [])
		for time in times:
			limit = _limit(time)
			if limit is None:
				messages.append(
					(
						"{channel}: the time limit “{text}” cannot be read; enter it by hand.",
						{
							"channel": channel,
							"text": _text(time.get("MOTA")) or _text(time.get("THOIGIANGIAIQUYET")),
						},
					)
				)
			elif limit not in rows:
				rows.append(limit)
		for number, row in enumerate(rows):
			if number:
				# A second time for the same channel is for another case, which only its description names.
				row["case_name"] = _line(row.get("note") or f"Trường hợp {number + 1}")[:SHORT]
		_tell_apart(rows)
	return _shared(by_channel)


def _limit(time: Mapping[str, Any]) -> dict[str, Any] | None:
	note, unit = _text(time.get("MOTA")), _text(time.get("DONVITINH")).lower()
	number = _number(time.get("THOIGIANGIAIQUYET"))
	said = note.lower()
	known = next((kind for word, kind in UNITS if word in unit), None)
	if number and known:
		kind = "Maximum" if "không quá" in said or "tối đa" in said else "Fixed"
		return {"kind": kind, "value": number, "unit": known, **({"note": note} if note else {})}
	if number == 0 or not unit:
		if re.search(r"trong ngày|ngay khi|ngay sau khi|trong buổi", f"{said} {unit}"):
			return {"kind": "Same Day", "value": 0, "unit": "Working Day", **({"note": note} if note else {})}
	return None


def _tell_apart(rows: list[dict[str, Any]]) -> None:
	"""Cases must differ: a description that comes twice gets a number."""
	seen: set[str] = set()
	for number, row in enumerate(rows, 1):
		name = row.get("case_name", "")
		if name in seen:
			name = f"{name[: SHORT - 6]} ({number})"
			row["case_name"] = name
		seen.add(name)


def _fees(ways: Sequence[tuple[str, list]]) -> list[dict[str, Any]]:
	by_channel: dict[str, list[dict[str, Any]]] = {}
	for channel, times in ways:
		rows = by_channel.setdefault(channel, [])
		for time in times:
			for fee in _rows(time, "PHILEPHI"):
				row = _fee(fee)
				if row not in rows:
					rows.append(row)
	return _shared(by_channel)


def _fee(fee: Mapping[str, Any]) -> dict[str, Any]:
	note, code = _text(fee.get("MOTA")), _text(fee.get("MAPHILEPHI"))
	name = (note.split("\n")[0] or code or "Phí, lệ phí")[:SHORT]
	amount = _number(fee.get("SOTIEN"))
	per = re.search(r"/\s*(.+)", _text(fee.get("DONVI")))
	return {
		"fee_name": name,
		# "Lệ phí" is a charge, "phí" a fee; where the name says neither, it is taken for a charge.
		"kind": "Fee" if name.lower().startswith("phí") else "Charge",
		**({"fee_code": code[:SHORT]} if code else {}),
		**({"amount_unknown": 1} if amount is None else {"amount": amount}),
		**({"per_unit": per[1][:SHORT]} if per else {}),
		**({"note": note} if note and note != name else {}),
	}


def _shared(by_channel: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
	"""Rows of all channels: without a channel where every channel says the same, else each with its own."""
	lists = [rows for rows in by_channel.values() if rows]
	if lists and len(lists) == len(by_channel) and all(rows == lists[0] for rows in lists):
		return lists[0]
	return [{**row, "channel": channel} for channel, rows in by_channel.items() for row in rows]


def _components(form: Mapping[str, Any]) -> list[dict[str, Any]]:
	rows = []
	for group in _rows(form, "THANHPHANHOSO"):
		case = _line(group.get("TRUONGHOP")).strip(" :")
		conditional = case.lower() not in NO_CASE
		for paper in _rows(group, "GIAYTO"):
			name = _line(paper.get("TENGIAYTO"))
			if not name:
				continue
			template = _text(paper.get("TENMAUDON"))
			notes = [name] if len(name) > SHORT else []
			notes += [f"Mẫu: {template}"] if template else []
			rows.append(
				{
					"component_code": _line(paper.get("MAGIAYTO"))[:SHORT],
					"component_name": name[:SHORT],
					"originals": int(_number(paper.get("SOBANCHINH")) or 0),
					"copies": int(_number(paper.get("SOBANSAO")) or 0),
					"required": int(not conditional),
					**({"condition": case[:SHORT]} if conditional else {}),
					**({"is_previous_result": 1} if _text(paper.get("MA_KQ_THAYTHE")) else {}),
					**({"note": "\n".join(notes)} if notes else {}),
				}
			)
	return rows


def _order(form: Mapping[str, Any]) -> str:
	steps = [
		_text(step.get("TENTRINHTU"))
		for group in _rows(form, "TRINHTUTHUCHIEN")
		for step in _rows(group, "TRINHTU")
	]
	return "\n".join(step for step in steps if step)


def _level(form: Mapping[str, Any], messages: list) -> str:
	names = " ".join(_text(row.get("TENCAP")).lower() for row in _rows(form, "CAPTHUCHIEN"))
	found = [level for word, level in LEVELS if word in names]
	if not found:
		messages.append(("The level of the procedure cannot be read; it was taken for the province's.", {}))
		return "Province"
	# Where several levels carry a procedure out, the lowest is where most people submit it.
	return found[-1]


def _authority(form: Mapping[str, Any]) -> str:
	names = [_line(row.get("TENDONVI")) for row in _rows(form, "COQUANTHUCHIEN")]
	return "; ".join(name for name in names if name) or _text(form.get("MOTACOQUANTHUCHIEN"))


def _subjects(form: Mapping[str, Any]) -> dict[str, int]:
	names = [_text(row.get("TENDOITUONG")).lower() for row in _rows(form, "DOITUONGTHUCHIEN")]
	names.append(_text(form.get("MOTADOITUONGTHUCHIEN")).lower())
	said = "; ".join(names)
	found = {fieldname: int(any(word in said for word in words)) for fieldname, words in SUBJECTS}
	return found if any(found.values()) else {"subject_citizen": 1}


def _rows(holder: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
	value = holder.get(name)
	if value in (None, ""):
		return []
	if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
		raise NationalFormError("{fields}: this is not a list of entries.", fields=name)
	return value


def _text(value: Any) -> str:
	"""A value as plain text: the database writes some of its texts as HTML."""
	if value is None or isinstance(value, (list, Mapping)):
		return ""
	text = re.sub(r"<(br|/p|/div|/li)[^<>]{0,200}>", "\n", str(value)[:60_000], flags=re.IGNORECASE)
	text = re.sub(r"<[^<>]{0,500}>", "", text).replace("&nbsp;", " ").replace("\0", "")
	lines = (" ".join(line.split()) for line in text.split("\n"))
	return "\n".join(line for line in lines if line)


def _line(value: Any) -> str:
	"""A value as one line of text."""
	return " ".join(_text(value).split())


def _number(value: Any) -> float | int | None:
	"""A number as the database writes it, `3`, `0,5` or `12.000`; None where it is none or below zero."""
	text = _text(value).replace(" ", "")
	if re.fullmatch(r"\d{1,3}(\.\d{3})+", text):
		text = text.replace(".", "")
	text = text.replace(",", ".")
	if not re.fullmatch(r"\d{1,12}(\.\d{1,6})?", text):
		return None
	number = float(text)
	return int(number) if number.is_integer() else number


def _issued(value: Any) -> dict[str, str]:
	"""The date of a document, `2024-07-29…`, `29/07/2024` or `20240729…`; nothing where it cannot be read."""
	text = _text(value)
	for pattern, order in (
		(r"(\d{4})-(\d{2})-(\d{2})", (1, 2, 3)),
		(r"(\d{1,2})/(\d{1,2})/(\d{4})", (3, 2, 1)),
		(r"(\d{4})(\d{2})(\d{2})", (1, 2, 3)),
	):
		if found := re.match(pattern, text):
			year, month, day = (int(found[group]) for group in order)
			try:
				return {"issued_on": date(year, month, day).isoformat()}
			except ValueError:
				continue
	return {}
