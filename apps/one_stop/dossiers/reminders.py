"""Reminders: whoever has a dossier is told before it is due and when it is late, then their leader; each once.

Every quarter of an hour, in the working time of the unit that received the dossier:

near due, overdue
	the people of the open steps, then their leader, before and after the result is due
step overdue
	the same, where the step they have is late and the dossier itself is not
apology due
	while an apology can still go out a day before (NĐ 61/2018 art. 19.9)
supplement expired, acknowledgement overdue
	the counter, then its head (NĐ 45/2020)
opinion overdue
	who asked, and the head of the one-stop (NĐ 61/2018 art. 19.5)

`collect` finds what is due in one statement a kind and notes it in Dossier Reminder, whose name is the digest of
what the reminder is about: what was noted before is not noted again. `deliver` tells what was just noted, in the
desk and by e-mail, and marks it in the same transaction. Nothing else of two hundred thousand dossiers is touched.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

import frappe
from frappe.email.doctype.email_account.email_account import EmailAccount
from frappe.model.naming import set_new_name
from frappe.query_builder import CustomFunction
from frappe.utils import escape_html, flt, get_datetime, get_url_to_form, now_datetime
from pypika.terms import LiteralValue, Term, ValueWrapper

from one_stop.dossiers import official_words as words
from one_stop.dossiers import reminder_texts
from one_stop.dossiers.clock import remaining_text
from one_stop.dossiers.command import in_own_transaction
from one_stop.filters import among
from one_stop.organization import units, working_time
from one_stop.organization.calendar import WorkingCalendar

OFFICER, LEADER = "Officer", "Leader"
RUNNING = ("Received", "In Process")
RECEPTION = "Reception"
# More of one kind are told in one piece, so that the first morning after Tết stays readable.
MOST_NOTICES = 20
MOST_LISTED = 50
AT_ONCE = 50_000
MARKED_AT_ONCE = 5000
KEPT_DAYS = 400

COLUMNS = (
	"name",
	"creation",
	"modified",
	"owner",
	"modified_by",
	"dossier",
	"kind",
	"level",
	"about",
	"due_at",
	"unit",
	"duty",
	"officer",
)

digest = CustomFunction("md5", ["text"])
joined = CustomFunction("concat_ws", ["sign", "dossier", "kind", "level", "about", "due_at"])
seconds_between = CustomFunction("timestampdiff", ["unit", "start", "end"])
coalesce = CustomFunction("coalesce", ["one", "other"])
SECOND = LiteralValue("SECOND")


@dataclass(frozen=True, slots=True)
class Shift:
	"""Units that work by the same calendar, at a moment within their working time. `units` None: all there are."""

	calendar: WorkingCalendar
	units: Sequence[str] | None
	now: datetime

	def ahead(self, hours: float) -> datetime:
		"""The moment by which so many working hours will have passed."""
		return self.calendar.add_minutes(self.now, round(hours * 60))

	def ago(self, hours: float) -> datetime:
		"""The latest moment since which so many working hours have passed."""
		return moment_before(self.calendar, self.now, round(hours * 60))

	def covers(self, column: Term) -> Term | None:
		return None if self.units is None else column.isin(self.units)


def moment_before(calendar: WorkingCalendar, now: datetime, minutes: int) -> datetime:
	"""The latest moment, to the minute, since which so many working minutes have passed."""
	if minutes <= 0:
		return now
	near, far = 0, 60
	while calendar.elapsed(now - timedelta(minutes=far), now) < minutes:
		near, far = far, far * 2
	while far - near > 1:
		middle = (near + far) // 2
		if calendar.elapsed(now - timedelta(minutes=middle), now) < minutes:
			near = middle
		else:
			far = middle
	return now - timedelta(minutes=far)


def works_at(calendar: WorkingCalendar, moment: datetime) -> bool:
	"""Whether a moment lies in the counting windows of a calendar."""
	minute = moment.hour * 60 + moment.minute
	return any(start <= minute < end for start, end in calendar.windows_on(moment.date()))


def shifts(now: datetime) -> list[Shift]:
	"""The units at work at a moment, by calendar."""
	known, tree = working_time.CALENDARS.get(), units.TREE.get()
	groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
	for name in tree:
		groups[tuple(known.names(name))].append(name)
	day = now.date()
	found = []
	for members in groups.values():
		calendar = working_time.calendar_for(members[0], day - timedelta(days=90), day + timedelta(days=90))
		if works_at(calendar, now):
			found.append(Shift(calendar, members if len(members) < len(tree) else None, now))
	return found


# Finding what is due


@dataclass(frozen=True, slots=True)
class Kind:
	"""A kind of reminder: how it is found for one level, and whether its hours lie before what is due."""

	find: Callable[["Shift", str, datetime], Any]
	before: bool = False


class _Tables:
	"""The tables of the statements."""

	def __init__(self) -> None:
		self.dossier = frappe.qb.DocType("Dossier")
		self.step = frappe.qb.DocType("Dossier Step")
		self.opinion = frappe.qb.DocType("Dossier Opinion")
		self.event = frappe.qb.DocType("Dossier Event")
		self.noted = frappe.qb.DocType("Dossier Reminder").as_("noted")


def _statement(
	source,
	t: _Tables,
	shift: Shift,
	*,
	kind: str,
	level: str,
	about: Any,
	due: Term,
	unit: Term,
	duty: Any,
	officer: Any,
):
	"""An insert of the reminders that a query finds and that were not noted before."""
	name = digest(joined("|", t.dossier.name, kind, level, about, due))
	moment = str(shift.now)
	query = (
		source.left_join(t.noted)
		.on(t.noted.name == name)
		.where(t.noted.name.isnull())
		.select(
			*(
				value if isinstance(value, Term) else ValueWrapper(value)
				for value in (
					name,
					moment,
					moment,
					"Administrator",
					"Administrator",
					t.dossier.name,
					kind,
					level,
					about,
					due,
					unit,
					duty,
					officer,
				)
			)
		)
	)
	covered = shift.covers(t.dossier.receiving_unit)
	return query if covered is None else query.where(covered)


def _insert():
	# Two runs at once find the same: the second one's row is the first one's.
	return frappe.qb.into(frappe.qb.DocType("Dossier Reminder")).columns(*COLUMNS).ignore()


def _of_open_steps(kind: str, condition: Callable[[_Tables, datetime], Term]) -> Callable:
	def find(shift: Shift, level: str, moment: datetime):
		t = _Tables()
		source = (
			_insert()
			.from_(t.dossier)
			.join(t.step)
			.on((t.step.dossier == t.dossier.name) & (t.step.is_open == 1))
			.where(t.dossier.status.isin(RUNNING))
			.where(condition(t, moment))
		)
		late_step = kind == "Step Overdue"
		return _statement(
			source,
			t,
			shift,
			kind=kind,
			level=level,
			about=t.step.step_key,
			due=t.step.due_at if late_step else t.dossier.due_at,
			unit=t.step.unit,
			duty=t.step.duty,
			officer=t.step.officer,
		)

	return find


def _half_gone(t: _Tables, now: datetime) -> Term:
	"""Half of the time has passed: a same-day dossier is not near due the moment it is received."""
	received, due = t.dossier.received_at, t.dossier.due_at
	return seconds_between(SECOND, received, str(now)) * 2 >= seconds_between(SECOND, received, due)


def _near_due(shift: Shift, level: str, horizon: datetime):
	def condition(t: _Tables, moment: datetime) -> Term:
		due = t.dossier.due_at
		return (due > shift.now) & (due <= moment) & _half_gone(t, shift.now)

	return _of_open_steps("Near Due", condition)(shift, level, horizon)


def _overdue(shift: Shift, level: str, since: datetime):
	return _of_open_steps("Overdue", lambda t, moment: t.dossier.due_at <= moment)(shift, level, since)


def _step_overdue(shift: Shift, level: str, since: datetime):
	def condition(t: _Tables, moment: datetime) -> Term:
		return (t.step.due_at <= moment) & (t.dossier.due_at > shift.now)

	return _of_open_steps("Step Overdue", condition)(shift, level, since)


def _apology_due(shift: Shift, level: str, horizon: datetime):
	"""Due on a later day, so that an apology sent today is in time; never extended; not received only yesterday."""
	tomorrow = datetime.combine(shift.now.date() + timedelta(days=1), time())

	def condition(t: _Tables, moment: datetime) -> Term:
		due = t.dossier.due_at
		return (
			(due >= tomorrow)
			& (due <= moment)
			& (t.dossier.extension_count == 0)
			& (seconds_between(SECOND, t.dossier.received_at, due) > 2 * 24 * 3600)
			& _half_gone(t, shift.now)
		)

	return _of_open_steps("Apology Due", condition)(shift, level, horizon)


def _supplement_expired(shift: Shift, level: str, since: datetime):
	t = _Tables()
	source = (
		_insert()
		.from_(t.dossier)
		.where(t.dossier.status == "Awaiting Supplement")
		.where(t.dossier.applicant_due <= since)
	)
	return _of_counter(source, t, shift, "Supplement Expired", level, t.dossier.applicant_due)


def _acknowledgement_overdue(shift: Shift, level: str, since: datetime):
	t = _Tables()
	answered = t.event.as_("answered")
	source = (
		_insert()
		.from_(t.dossier)
		.left_join(answered)
		.on(
			(answered.dossier == t.dossier.name)
			& (answered.kind == "acknowledged")
			& (answered.at >= t.dossier.submitted_at)
		)
		.where(t.dossier.status == "Draft")
		.where(t.dossier.acknowledgement_due <= since)
		.where(answered.name.isnull())
	)
	return _of_counter(source, t, shift, "Acknowledgement Overdue", level, t.dossier.acknowledgement_due)


def _of_counter(source, t: _Tables, shift: Shift, kind: str, level: str, due: Term):
	"""What the counter sees to; a leader told is that of the deciding unit once there is one."""
	by_leader = level == LEADER
	return _statement(
		source,
		t,
		shift,
		kind=kind,
		level=level,
		about="",
		due=due,
		unit=coalesce(t.dossier.deciding_unit, t.dossier.receiving_unit)
		if by_leader
		else t.dossier.receiving_unit,
		duty=None if by_leader else RECEPTION,
		officer=None,
	)


def _opinion_overdue(shift: Shift, level: str, since: datetime):
	t = _Tables()
	source = (
		_insert()
		.from_(t.opinion)
		.join(t.dossier)
		.on(t.dossier.name == t.opinion.dossier)
		.where(t.opinion.status == "Open")
		.where(t.opinion.due_at <= since)
	)
	return _statement(
		source,
		t,
		shift,
		kind="Opinion Overdue",
		level=level,
		about=t.opinion.name,
		due=t.opinion.due_at,
		unit=t.dossier.receiving_unit,
		duty=None,
		officer=None if level == LEADER else t.opinion.asked_by,
	)


KINDS: dict[str, Kind] = {
	"Near Due": Kind(_near_due, before=True),
	"Overdue": Kind(_overdue),
	"Step Overdue": Kind(_step_overdue),
	"Apology Due": Kind(_apology_due, before=True),
	"Supplement Expired": Kind(_supplement_expired),
	"Acknowledgement Overdue": Kind(_acknowledgement_overdue),
	"Opinion Overdue": Kind(_opinion_overdue),
}


def collect(now: datetime) -> int:
	"""Note every reminder that is due at a moment and was not noted before. Returns how many. Commits."""
	count = 0
	texts = reminder_texts.enabled()
	for shift in shifts(now):
		for kind, text in texts.items():
			for level, hours in ((OFFICER, text.officer_hours), (LEADER, text.leader_hours)):
				if level == LEADER and not text.tell_leader:
					continue
				before = KINDS[kind].before
				moment = shift.ahead(flt(hours)) if before else shift.ago(flt(hours))
				statement = KINDS[kind].find(shift, level, moment)
				count += in_own_transaction(lambda statement=statement: _run(statement))
	return count


def _run(statement) -> int:
	statement.run()
	# Of the statement just run on this connection.
	return frappe.db._cursor.rowcount


# Telling


@dataclass(slots=True)
class Told:
	"""What one person is told in one run, by kind and level."""

	user: str
	rows: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))


def deliver(now: datetime) -> int:
	"""Tell what was noted and not told yet. Returns how many reminders were told. Commits."""
	count = 0
	while told := in_own_transaction(lambda: _deliver_some(now)):
		count += told
	return count


def _deliver_some(now: datetime) -> int:
	reminder = frappe.qb.DocType("Dossier Reminder")
	rows = (
		frappe.qb.from_(reminder)
		.select(
			reminder.name,
			reminder.dossier,
			reminder.kind,
			reminder.level,
			reminder.about,
			reminder.due_at,
			reminder.unit,
			reminder.duty,
			reminder.officer,
		)
		.where(reminder.sent_at.isnull())
		# What goes to one person stays together; the most urgent comes first.
		.orderby(reminder.kind, reminder.level, reminder.unit, reminder.officer, reminder.due_at)
		.limit(AT_ONCE)
		# Another run waits here, then finds them told.
		.for_update()
		.run(as_dict=True)
	)
	if not rows:
		return 0
	people = People(now)
	by_user: dict[str, Told] = {}
	for row in rows:
		row["told"] = people.of(row)
		for user in row["told"]:
			by_user.setdefault(user, Told(user)).rows[row["kind"], row["level"]].append(row)
	shown = {
		row["name"]: row
		for told in by_user.values()
		for group in told.rows.values()
		for row in group[:MOST_LISTED]
	}
	_add_facts(list(shown.values()), now)
	_tell(by_user.values(), now)
	for told, names in _by_count(rows):
		(
			frappe.qb.update(reminder)
			.set(reminder.sent_at, str(now))
			.set(reminder.recipients, told)
			.where(reminder.name.isin(names))
			.run()
		)
	return len(rows)


def _by_count(rows: list[dict[str, Any]]) -> Iterator[tuple[int, list[str]]]:
	found: dict[int, list[str]] = defaultdict(list)
	for row in rows:
		found[len(row["told"])].append(row["name"])
	for told, names in found.items():
		for batch in frappe.utils.create_batch(names, MARKED_AT_ONCE):
			yield told, batch


def _add_facts(rows: list[dict[str, Any]], now: datetime) -> None:
	"""Put what the texts name beside each reminder that is shown: code, procedure, step, unit, time left."""
	if not rows:
		return
	names = list({row["dossier"] for row in rows})
	dossiers = {
		row.name: row
		for row in frappe.get_all(
			"Dossier",
			filters={"name": ["in", names]},
			fields=["name", "code", "procedure_name", "receiving_unit"],
			limit=0,
		)
	}
	titles = {
		(row.dossier, row.step_key): row.title
		for row in frappe.get_all(
			"Dossier Step",
			filters={"dossier": ["in", names], "is_open": 1},
			fields=["dossier", "step_key", "title"],
			limit=0,
		)
	}
	asked = dict(
		frappe.get_all(
			"Dossier Opinion",
			filters={"name": among(row["about"] for row in rows if row["kind"] == "Opinion Overdue")},
			fields=["name", "unit"],
			as_list=True,
			limit=0,
		)
	)
	for row in rows:
		dossier = dossiers.get(row["dossier"]) or frappe._dict()
		due = get_datetime(row["due_at"])
		calendar = working_time.calendar_for(
			dossier.receiving_unit, min(now, due).date(), max(now, due).date()
		)
		row["facts"] = {
			"code": dossier.code or "",
			"procedure": dossier.procedure_name or "",
			"due_at": words.moment_in_short(due),
			"remaining": remaining_text(calendar.elapsed(now, due), calendar.day_minutes),
			"step": titles.get((row["dossier"], row["about"]), ""),
			"unit": units.unit_name(asked.get(row["about"]) or row["unit"]),
			"leader": "1" if row["level"] == LEADER else "",
		}


class People:
	"""Who is told of a reminder on a day: the officer while they hold the duty, else all who do; or the leaders."""

	def __init__(self, now: datetime) -> None:
		self.day = now.date()
		self.leading = frozenset(frappe.get_all("Duty", filters={"role": "Unit Leader"}, pluck="name"))
		self._leaders: dict[str, list[str]] = {}

	def of(self, row: dict[str, Any]) -> list[str]:
		if row["level"] == LEADER:
			return self.leaders(row["unit"])
		holders = units.members(row["unit"], row["duty"], self.day) if row["duty"] else []
		officer = row["officer"]
		if officer and (officer in holders or (not row["duty"] and units.memberships(officer, self.day))):
			return [officer]
		return holders or self.leaders(row["unit"])

	def leaders(self, unit: str | None) -> list[str]:
		"""The head of a unit, else who holds a leader's duty in it, else those of the unit above."""
		key = unit or ""
		if key not in self._leaders:
			self._leaders[key] = next(
				(found for above in units.ancestors(key) if (found := self._leaders_in(above))), []
			)
		return self._leaders[key]

	def _leaders_in(self, unit: str) -> list[str]:
		head = frappe.get_cached_value("Administrative Unit", unit, "head")
		if head and frappe.get_cached_value("User", head, "enabled"):
			return [head]
		found: list[str] = []
		for duty in sorted(self.leading):
			found += [user for user in units.members(unit, duty, self.day) if user not in found]
		return found


def _tell(people: Sequence[Told], now: datetime) -> None:
	texts = reminder_texts.enabled()
	settings = {
		row.name: row
		for row in frappe.get_all(
			"Notification Settings", fields=["name", "enabled", "enable_email_notifications"], limit=0
		)
	}
	users = {
		row.name: row
		for row in frappe.get_all(
			"User",
			filters={"name": among(told.user for told in people), "enabled": 1},
			fields=["name", "email", "full_name"],
			limit=0,
		)
	}
	mail_goes_out = bool(EmailAccount.find_outgoing())
	notices: list[tuple] = []
	for told in people:
		user, wishes = users.get(told.user), settings.get(told.user) or frappe._dict()
		if user is None:
			continue
		for (kind, level), rows in told.rows.items():
			text = texts.get(kind)
			if text is None:
				continue
			if wishes.get("enabled", 1):
				notices += _notices(user.name, text, rows)
			if mail_goes_out and text.by_email and user.email and wishes.get("enable_email_notifications", 1):
				_mail(user, text, level, rows)
	_put_in_desk(notices, now)


def _notices(user: str, text, rows: list[dict[str, Any]]) -> list[tuple]:
	"""One notice a dossier; beyond a number of them one for all."""
	if len(rows) > MOST_NOTICES:
		said = " ".join(reminder_texts.filled(text.subject, {"count": str(len(rows))}))
		return [(user, said, rows[0]["dossier"])]
	return [
		(user, " ".join(reminder_texts.filled(text.notice, row["facts"])), row["dossier"]) for row in rows
	]


def _put_in_desk(notices: list[tuple], now: datetime) -> None:
	"""Notification Logs in one statement: a document each, with its hooks, would cost a second a hundred."""
	if not notices:
		return
	moment = str(now_datetime())
	frappe.db.bulk_insert(
		"Notification Log",
		[
			"name",
			"creation",
			"modified",
			"owner",
			"modified_by",
			"for_user",
			"type",
			"document_type",
			"document_name",
			"subject",
			"read",
		],
		[
			(
				_name_of_notice(),
				moment,
				moment,
				"Administrator",
				"Administrator",
				user,
				"Alert",
				"Dossier",
				dossier,
				# The desk shows subjects as HTML.
				escape_html(said),
				0,
			)
			for user, said, dossier in notices
		],
	)
	for user in {user for user, _said, _dossier in notices}:
		frappe.db.set_value("Notification Settings", user, "seen", 0, update_modified=False)
		frappe.publish_realtime("notification", after_commit=True, user=user)


def _name_of_notice() -> str | int:
	"""A name as Frappe gives it: a number of a sequence in one version, random in another."""
	doc = frappe.new_doc("Notification Log")
	set_new_name(doc)
	return doc.name


def _mail(user, text, level: str, rows: list[dict[str, Any]]) -> None:
	"""One e-mail about all dossiers of a kind, through Frappe's queue."""
	facts = {
		"count": str(len(rows)),
		"recipient": user.full_name or user.name,
		"leader": "1" if level == LEADER else "",
	}
	if len(rows) == 1:
		facts |= rows[0]["facts"]
	try:
		frappe.sendmail(
			recipients=[user.email],
			subject=" ".join(reminder_texts.filled(text.subject, facts)),
			message=_letter(reminder_texts.filled(text.message, facts), rows),
		)
	except frappe.ValidationError:
		# An address that no mail reaches must not keep the others from being told.
		frappe.log_error(title="Reminder by e-mail", message=f"{user.name} {text.name}")


def _letter(lines: list[str], rows: list[dict[str, Any]]) -> str:
	head = "".join(f"<p>{escape_html(line)}</p>" for line in lines)
	items = "".join(_item(row) for row in rows[:MOST_LISTED])
	rest = len(rows) - MOST_LISTED
	more = f"<p>… và {rest} hồ sơ khác.</p>" if rest > 0 else ""
	return f"{head}<ul>{items}</ul>{more}"


def _item(row: dict[str, Any]) -> str:
	facts = row["facts"]
	link = get_url_to_form("Dossier", row["dossier"])
	name = escape_html(facts["code"] or facts["procedure"])
	about = " – ".join(
		escape_html(facts[key]) for key in ("procedure", "step", "due_at", "remaining") if facts[key]
	)
	return f'<li><a href="{escape_html(link)}">{name}</a>: {about}</li>'


# The scheduler's


def remind(now: datetime | None = None) -> dict[str, int]:
	"""Note and tell everything that is due (at a moment given for tests). Returns how many of each."""
	moment = (now or now_datetime()).replace(second=0, microsecond=0)
	return {"noted": collect(moment), "told": deliver(moment)}


def forget_old() -> None:
	"""Daily: remove what was told long ago about dossiers that have ended; open ones are not to be told of again."""
	reminder, dossier = frappe.qb.DocType("Dossier Reminder"), frappe.qb.DocType("Dossier")
	before = now_datetime() - timedelta(days=KEPT_DAYS)
	ended = frappe.qb.from_(dossier).select(dossier.name).where(dossier.ended_at < before)
	frappe.qb.from_(reminder).delete().where(
		(reminder.creation < before) & reminder.dossier.isin(ended)
	).run()
