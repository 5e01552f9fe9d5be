// The electronic form as the applicant sees it, and the small language of its conditions.
// The grammar is the one of `procedures/conditions.py`; both are tested on the same cases.

const MAX_LENGTH = 1000;
const MAX_DEPTH = 50;
const NUMBER = /^-?\d+(\.\d+)?$/;
const KEYWORDS = new Set(["and", "or", "not", "in"]);
const TOKEN =
	/\s*(?:(==|!=|<=|>=|<|>|\(|\)|\[|\]|,)|(-?\d+(?:\.\d+)?)|([A-Za-z_][A-Za-z0-9_]*)|("(?:[^"\\]|\\["'\\])*"|'(?:[^'\\]|\\["'\\])*'))/y;

export class ConditionError extends Error {
	constructor(message, position) {
		super(message);
		this.name = "ConditionError";
		this.position = position;
	}
}

function translate(text, replace) {
	return typeof __ === "function" ? __(text, replace) : text;
}

function tokenise(text) {
	if (text.length > MAX_LENGTH) {
		throw new ConditionError(translate("The condition is too long."), MAX_LENGTH);
	}
	const tokens = [];
	const end = text.trimEnd().length;
	TOKEN.lastIndex = 0;
	while (TOKEN.lastIndex < end) {
		const at = TOKEN.lastIndex;
		const found = TOKEN.exec(text);
		if (!found) {
			throw new ConditionError(translate("This part cannot be read: {0}", [text.slice(at).trim()]), at);
		}
		const [whole, symbol, number, name, string] = found;
		const position = at + whole.length - whole.trimStart().length;
		if (symbol) tokens.push({ type: symbol, position });
		else if (number) {
			// "1x" and "1.2.3" are typing errors, not a number followed by something else.
			if (/[\w.]/.test(text[TOKEN.lastIndex] || "")) {
				throw new ConditionError(translate("This part cannot be read: {0}", [text.slice(at).trim()]), at);
			}
			tokens.push({ type: "literal", value: Number(number), position });
		} else if (name) tokens.push({ type: KEYWORDS.has(name) ? name : "name", value: name, position });
		else {
			const value = string.slice(1, -1).replace(/\\(["'\\])/g, "$1");
			tokens.push({ type: "literal", value, position });
		}
	}
	tokens.push({ type: "end", position: text.length });
	return tokens;
}

function number_of(value) {
	if (typeof value === "boolean") return value ? 1 : 0;
	if (typeof value === "number") return Number.isFinite(value) ? value : null;
	const text = text_of(value);
	return NUMBER.test(text) ? Number(text) : null;
}

function text_of(value) {
	if (value === null || value === undefined) return "";
	if (typeof value === "boolean") return value ? "1" : "0";
	if (Array.isArray(value)) return value.map(text_of).join(",");
	return String(value).trim();
}

function equal(value, literal) {
	return typeof literal === "number" ? number_of(value) === literal : text_of(value) === literal;
}

const ORDER = {
	"<": (a, b) => a < b,
	"<=": (a, b) => a <= b,
	">": (a, b) => a > b,
	">=": (a, b) => a >= b,
};

function compare(operator, value, literal) {
	if (operator === "==") return equal(value, literal);
	if (operator === "!=") return !equal(value, literal);
	if (typeof literal === "number") {
		const number = number_of(value);
		return number !== null && ORDER[operator](number, literal);
	}
	const text = text_of(value);
	return text !== "" && ORDER[operator](text, literal);
}

/**
 * Reads a condition once. Returns `{names, evaluate(values)}`; throws ConditionError with the position
 * (0-based, in characters) of what cannot be read.
 */
export function parse(text) {
	const tokens = tokenise(text || "");
	const names = new Set();
	let at = 0;
	let depth = 0;

	const peek = () => tokens[at];
	const fail = (message) => {
		throw new ConditionError(message, peek().position);
	};
	const take = (type) => {
		if (peek().type !== type)
			fail(translate("Expected {0} here.", [type === "literal" ? translate("a value") : type]));
		return tokens[at++];
	};
	const deeper = (read) => {
		if (++depth > MAX_DEPTH) fail(translate("The condition is nested too deeply."));
		const result = read();
		depth--;
		return result;
	};

	function any() {
		const parts = [all()];
		while (peek().type === "or") {
			at++;
			parts.push(all());
		}
		return parts.length === 1 ? parts[0] : (values) => parts.some((part) => part(values));
	}

	function all() {
		const parts = [negation()];
		while (peek().type === "and") {
			at++;
			parts.push(negation());
		}
		return parts.length === 1 ? parts[0] : (values) => parts.every((part) => part(values));
	}

	function negation() {
		if (peek().type !== "not") return atom();
		at++;
		const inner = deeper(negation);
		return (values) => !inner(values);
	}

	function atom() {
		if (peek().type === "(") {
			at++;
			const inner = deeper(any);
			take(")");
			return inner;
		}
		if (peek().type !== "name") fail(translate("Expected the name of a field here."));
		const name = tokens[at++].value;
		names.add(name);
		const read = (values) => (Object.hasOwn(values, name) ? values[name] : null);
		const operator = peek().type;
		if (operator === "==" || operator === "!=" || operator in ORDER) {
			at++;
			const literal = take("literal").value;
			return (values) => compare(operator, read(values), literal);
		}
		if (operator === "in" || (operator === "not" && tokens[at + 1].type === "in")) {
			at += operator === "in" ? 1 : 2;
			const choices = list();
			const member = (values) => choices.some((choice) => equal(read(values), choice));
			return operator === "in" ? member : (values) => !member(values);
		}
		return (values) => !["", "0", "false"].includes(text_of(read(values)));
	}

	function list() {
		take("[");
		const choices = [];
		if (peek().type !== "]") {
			choices.push(take("literal").value);
			while (peek().type === ",") {
				at++;
				choices.push(take("literal").value);
			}
		}
		take("]");
		return choices;
	}

	const evaluate = any();
	if (peek().type !== "end") fail(translate("Expected the condition to end here."));
	return { names, evaluate: (values) => evaluate(values || {}) };
}

/** True or false for the values of a form; throws ConditionError for a condition that cannot be read. */
export function evaluate(text, values) {
	return parse(text).evaluate(values);
}

const FORMATS = {
	Phone: [/^(0|\+84)\d{9,10}$/, "A telephone number has 10 or 11 digits and begins with 0 or +84."],
	Email: [/^[^\s@]+@[^\s@]+\.[^\s@]+$/, "An e-mail address looks like name@example.vn."],
	"ID Number": [
		/^(\d{9}|\d{12}|[A-Za-z]\d{7,8})$/,
		"An identity number has 9 or 12 digits, a passport one letter and 7 or 8 digits.",
	],
};

const AUTOCOMPLETE = { Phone: "tel", Email: "email" };

/** The message for one answer, or "" when it is in order. Answers of hidden fields are never asked for. */
export function message_for(field, value) {
	const text = text_of(value);
	const empty = text === "" || (field.field_type === "Checkbox" && text === "0");
	if (empty) return Number(field.required) ? translate("Please fill in this field.") : "";
	if (field.field_type === "Number" && number_of(value) === null) return translate("Please give a number.");
	if (field.field_type === "Date" && !is_date(text)) return translate("Please give a date.");
	if (field.field_type === "Select" && !choices_of(field).includes(text)) {
		return translate("Please choose one of the options.");
	}
	const format = FORMATS[field.field_type];
	// Telephone numbers are written with spaces, dots and hyphens as one likes.
	const plain = field.field_type === "Phone" ? text.replace(/[\s.-]/g, "") : text;
	if (format && !format[0].test(plain)) return translate(format[1]);
	if (field.pattern && !matches(field.pattern, text)) {
		return field.pattern_message || translate("This is not written in the expected form.");
	}
	return "";
}

function is_date(text) {
	if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
	const day = new Date(`${text}T00:00:00Z`);
	return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function matches(pattern, text) {
	try {
		return new RegExp(`^(?:${pattern})$`).test(text);
	} catch {
		// A pattern that cannot be read is the administrator's error (reported by the checks); the
		// applicant must not be stopped by it.
		return true;
	}
}

export function choices_of(field) {
	return (field.options || "")
		.split("\n")
		.map((line) => line.trim())
		.filter(Boolean);
}

/** Which fields are shown for these answers. What depends on a hidden field sees it as unanswered. */
export function shown_fields(fields, values) {
	const by_name = new Map(fields.map((field) => [field.fieldname, field]));
	const visible = new Map();

	function is_shown(field) {
		if (visible.has(field.fieldname)) return visible.get(field.fieldname);
		// Two fields that wait for each other are both shown; the checks tell the administrator.
		visible.set(field.fieldname, true);
		visible.set(field.fieldname, decide(field));
		return visible.get(field.fieldname);
	}

	function decide(field) {
		if (!(field.shown_when || "").trim()) return true;
		let condition;
		try {
			condition = parse(field.shown_when);
		} catch {
			// An unreadable condition must not hide a question from the applicant.
			return true;
		}
		const known = {};
		for (const name of condition.names) {
			const other = by_name.get(name);
			if (!other || is_shown(other)) known[name] = values[name];
		}
		return condition.evaluate(known);
	}

	for (const field of fields) is_shown(field);
	return visible;
}

let rendered = 0;

/**
 * Draws the form into `parent` (an element). `fields` are E-Form Field rows, `values` the answers so far,
 * `on_change(values, fieldname)` is called after every change.
 * Returns `{get_values(), validate(), set_values(values)}`: answers of shown fields only; `validate()`
 * shows every message, moves the focus to the first and answers true when there is none.
 */
export function render(parent, fields, values = {}, on_change = null) {
	const prefix = `eform-${++rendered}`;
	const answers = { ...values };
	const parts = new Map();
	const form = document.createElement("div");
	form.className = "one-stop-eform";

	fields.forEach((field, index) => {
		const part = field.field_type === "Heading" ? heading(field) : question(field, `${prefix}-${index}`);
		parts.set(field.fieldname, { field, ...part });
		form.append(part.block);
	});
	parent.replaceChildren(form);
	refresh();

	function heading(field) {
		const block = document.createElement("h4");
		block.className = "eform-heading";
		block.textContent = field.label;
		return { block };
	}

	function question(field, id) {
		const block = document.createElement("div");
		block.className = `eform-field eform-${field.field_type.toLowerCase().replace(/\s+/g, "-")}`;
		block.dataset.fieldname = field.fieldname;

		const label = document.createElement("label");
		label.htmlFor = id;
		label.textContent = field.label;
		if (Number(field.required)) {
			const mark = document.createElement("span");
			mark.className = "eform-required";
			mark.textContent = " *";
			mark.setAttribute("aria-hidden", "true");
			label.append(mark);
		}

		const input = control(field);
		input.id = id;
		input.name = field.fieldname;
		if (Number(field.required)) input.setAttribute("aria-required", "true");

		const help = document.createElement("p");
		help.className = "eform-help";
		help.id = `${id}-help`;
		help.textContent = field.help_text || "";
		help.hidden = !field.help_text;

		const error = document.createElement("p");
		error.className = "eform-error";
		error.id = `${id}-error`;
		error.setAttribute("role", "alert");
		error.hidden = true;
		input.setAttribute("aria-describedby", `${field.help_text ? `${help.id} ` : ""}${error.id}`);

		if (field.field_type === "Checkbox") {
			const line = document.createElement("div");
			line.className = "eform-checkbox-line";
			line.append(input, label);
			block.append(line, help, error);
		} else {
			block.append(label, input, help, error);
		}

		input.addEventListener("input", () => {
			answers[field.fieldname] = read(field, input);
			refresh();
			// While somebody types, a message may only go away; it appears when the field is left.
			if (!error.hidden) show_message(parts.get(field.fieldname));
			if (on_change) on_change(get_values(), field.fieldname);
		});
		input.addEventListener("blur", () => show_message(parts.get(field.fieldname)));
		return { block, input, error };
	}

	function control(field) {
		const value = answers[field.fieldname];
		if (field.field_type === "Long Text") {
			const area = document.createElement("textarea");
			area.rows = 3;
			area.className = "form-control";
			area.value = text_of(value);
			return area;
		}
		if (field.field_type === "Select") {
			const select = document.createElement("select");
			select.className = "form-control";
			select.append(new Option(translate("Choose…"), ""));
			for (const choice of choices_of(field)) select.append(new Option(choice, choice));
			select.value = text_of(value);
			return select;
		}
		const input = document.createElement("input");
		input.type =
			{ Date: "date", Checkbox: "checkbox", File: "file", Phone: "tel", Email: "email" }[field.field_type] ||
			"text";
		if (AUTOCOMPLETE[field.field_type]) input.autocomplete = AUTOCOMPLETE[field.field_type];
		if (field.field_type === "Number") input.inputMode = "decimal";
		if (field.field_type === "Checkbox") input.checked = text_of(value) === "1";
		else if (field.field_type !== "File") {
			input.className = "form-control";
			input.value = text_of(value);
		}
		return input;
	}

	function read(field, input) {
		if (field.field_type === "Checkbox") return input.checked ? 1 : 0;
		if (field.field_type === "File") return input.files.length ? input.files[0].name : "";
		return input.value;
	}

	function refresh() {
		const visible = shown_fields(fields, answers);
		for (const [fieldname, part] of parts) part.block.hidden = !visible.get(fieldname);
	}

	function show_message(part) {
		const message = message_for(part.field, answers[part.field.fieldname]);
		part.error.textContent = message;
		part.error.hidden = !message;
		part.input.setAttribute("aria-invalid", message ? "true" : "false");
		part.block.classList.toggle("has-error", Boolean(message));
		return message;
	}

	function shown_questions() {
		return [...parts.values()].filter((part) => part.input && !part.block.hidden);
	}

	function get_values() {
		return Object.fromEntries(
			shown_questions().map(({ field, input }) => [
				field.fieldname,
				answers[field.fieldname] === undefined ? read(field, input) : answers[field.fieldname],
			]),
		);
	}

	function validate() {
		const wrong = shown_questions().filter((part) => show_message(part));
		if (wrong.length) wrong[0].input.focus();
		return wrong.length === 0;
	}

	function set_values(given) {
		Object.assign(answers, given);
		for (const { field, input } of parts.values()) {
			if (!input || !(field.fieldname in given) || field.field_type === "File") continue;
			if (field.field_type === "Checkbox") input.checked = text_of(given[field.fieldname]) === "1";
			else input.value = text_of(given[field.fieldname]);
		}
		refresh();
	}

	/** The File objects chosen in shown file fields, by field name. */
	function get_files() {
		return Object.fromEntries(
			shown_questions()
				.filter(({ field, input }) => field.field_type === "File" && input.files.length)
				.map(({ field, input }) => [field.fieldname, input.files[0]]),
		);
	}

	return { get_values, validate, set_values, get_files };
}

if (typeof window !== "undefined") {
	window.one_stop = window.one_stop || {};
	window.one_stop.eform = { ConditionError, parse, evaluate, message_for, choices_of, shown_fields, render };
}
