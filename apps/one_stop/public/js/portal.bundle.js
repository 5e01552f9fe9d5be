// What makes the portal's pages quicker to use. Every page works without it.
import { message_for, shown_fields } from "./eform";

document.documentElement.classList.add("with-scripts");

/** The first wrong field is what somebody who sent a form wants to see. */
function focus_errors() {
	document.getElementById("error-summary")?.focus();
}

/** Questions that do not apply are hidden while the form is being filled in; the server decides the same. */
function follow_conditions() {
	const data = document.getElementById("eform-fields");
	const form = document.getElementById("eform");
	if (!data || !form) return;
	const fields = JSON.parse(data.textContent);
	const blocks = new Map([...form.querySelectorAll("[data-fieldname]")].map((block) => [block.dataset.fieldname, block]));
	const input_of = (name) => form.querySelector(`[name="${CSS.escape(name)}"]`);
	const value_of = (field) => {
		const input = input_of(field.fieldname);
		if (!input) return "";
		return input.type === "checkbox" ? (input.checked ? 1 : 0) : input.value;
	};
	const values = () => Object.fromEntries(fields.map((field) => [field.fieldname, value_of(field)]));
	const refresh = () => {
		const shown = shown_fields(fields, values());
		for (const [name, block] of blocks) block.hidden = !shown.get(name);
	};
	form.addEventListener("input", refresh);
	form.addEventListener("change", refresh);
	form.addEventListener("focusout", (event) => {
		const field = fields.find((one) => one.fieldname === event.target.name);
		if (field) when_released(() => show_message(event.target, message_for(field, value_of(field))));
	});
	refresh();
}

let pressed = false;
const waiting = [];
document.addEventListener("pointerdown", () => (pressed = true), true);
for (const released of ["pointerup", "pointercancel"]) {
	document.addEventListener(released, () =>
		setTimeout(() => {
			pressed = false;
			for (const work of waiting.splice(0)) work();
		})
	);
}

/** A message that comes or goes moves the page: not while a button is being pressed, or it slips away from the finger. */
function when_released(work) {
	if (pressed) waiting.push(work);
	else work();
}

/** What is written wrongly in the other forms is said when the field is left; the server decides the same. */
function check_fields() {
	for (const form of document.querySelectorAll("form[data-checked]")) {
		form.addEventListener("focusout", ({ target }) => {
			if (!target.dataset.kind && target.tagName !== "TEXTAREA" && target.tagName !== "SELECT") return;
			if (target.closest("#eform")) return;
			const required = target.getAttribute("aria-required") === "true";
			const field_type = target.dataset.kind || "Text";
			when_released(() => show_message(target, message_for({ field_type, required }, target.value)));
		});
	}
	// Other papers than a citizen's have numbers of another form.
	const kind = document.getElementById("f-applicant_kind");
	const number = document.getElementById("f-applicant_id_number");
	kind?.addEventListener("change", () => {
		number.dataset.kind = kind.value === "Citizen" ? "ID Number" : "Text";
		if (number.value) show_message(number, message_for({ field_type: number.dataset.kind }, number.value));
	});
}

/** A message beside its field, and gone again when the field is in order. */
function show_message(input, message) {
	const block = input.closest(".field");
	if (!block) return;
	const id = `${input.name}-error`;
	let error = document.getElementById(id);
	if (!message) {
		error?.remove();
		input.removeAttribute("aria-invalid");
		block.classList.remove("wrong");
		return;
	}
	if (!error) {
		error = document.createElement("p");
		error.className = "error";
		error.id = id;
		input.before(error);
	}
	error.textContent = translated(message);
	input.setAttribute("aria-invalid", "true");
	const described = new Set((input.getAttribute("aria-describedby") || "").split(" ").filter(Boolean));
	input.setAttribute("aria-describedby", [...described.add(id)].join(" "));
	block.classList.add("wrong");
}

// The few messages of eform.js, which the desk translates by its own means.
const VIETNAMESE = {
	"Please fill in this field.": "Vui lòng điền mục này.",
	"Please give a number.": "Vui lòng nhập một số.",
	"Please give a date.": "Vui lòng nhập ngày.",
	"Please choose one of the options.": "Vui lòng chọn một mục.",
	"A telephone number has 10 or 11 digits and begins with 0 or +84.":
		"Số điện thoại có 10 hoặc 11 chữ số, bắt đầu bằng 0 hoặc +84.",
	"An e-mail address looks like name@example.vn.": "Thư điện tử có dạng ten@example.vn.",
	"An identity number has 9 or 12 digits, a passport one letter and 7 or 8 digits.":
		"Số định danh có 9 hoặc 12 chữ số; hộ chiếu gồm một chữ cái và 7 hoặc 8 chữ số.",
	"This is not written in the expected form.": "Nội dung chưa đúng mẫu yêu cầu.",
};

function translated(message) {
	return (document.documentElement.lang === "vi" && VIETNAMESE[message]) || message;
}

/** The part about an authorised person is only for who submits for somebody else. */
function follow_behalf() {
	const part = document.querySelector(".when-behalf");
	if (!part) return;
	const refresh = () => {
		part.hidden = document.querySelector('[name="on_behalf"]:checked')?.value !== "1";
	};
	for (const input of document.querySelectorAll('[name="on_behalf"]')) input.addEventListener("change", refresh);
	refresh();
}

/** Pictures of phones are made smaller before they are sent, so that a slow line is enough. */
function shrink_pictures() {
	for (const input of document.querySelectorAll('input[type="file"]')) {
		input.addEventListener("change", async () => {
			const files = await Promise.all([...input.files].map(smaller));
			const chosen = new DataTransfer();
			for (const file of files) chosen.items.add(file);
			input.files = chosen.files;
		});
	}
}

const LONGEST_SIDE = 2400;
const LARGE = 1_500_000;

async function smaller(file) {
	if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size < LARGE) return file;
	try {
		const picture = await createImageBitmap(file);
		const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
		const canvas = document.createElement("canvas");
		canvas.width = Math.round(picture.width * scale);
		canvas.height = Math.round(picture.height * scale);
		canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
		const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
		const name = file.name.replace(/\.\w+$/, ".jpg");
		return blob && blob.size < file.size ? new File([blob], name, { type: "image/jpeg" }) : file;
	} catch {
		// A picture this browser cannot read goes as it is; the server says what is wrong with it.
		return file;
	}
}

/** A form is sent once, however often its button is pressed; deleting asks first. */
function guard_forms() {
	document.addEventListener("submit", (event) => {
		const question = event.submitter?.dataset.confirm;
		if (question && !window.confirm(question)) {
			event.preventDefault();
			return;
		}
		if (event.target.dataset.sent) event.preventDefault();
		event.target.dataset.sent = "1";
		event.target.classList.add("busy");
	});
	window.addEventListener("pageshow", () => {
		for (const form of document.querySelectorAll("form[data-sent]")) {
			delete form.dataset.sent;
			form.classList.remove("busy");
		}
	});
}

/** The number of unread notices, kept fresh while the page is open. */
function watch_notices() {
	const badge = document.getElementById("unread");
	if (!badge) return;
	const look = async () => {
		if (document.hidden) return;
		try {
			const answer = await fetch("/thong-bao/so", { headers: { Accept: "application/json" } });
			if (!answer.ok || answer.redirected) return;
			const { unread } = await answer.json();
			badge.textContent = unread ? String(unread) : "";
		} catch {
			// Without a connection the number stays as it is.
		}
	};
	setInterval(look, 30_000);
	look();
}

/** The device at the counter goes back to its first page by itself: after thanks, and when somebody left in the middle. */
function return_to_start() {
	const place = document.querySelector("[data-back]");
	if (!place) return;
	let timer = 0;
	const wait = () => {
		clearTimeout(timer);
		timer = setTimeout(() => window.location.assign(place.dataset.back), place.dataset.wait * 1000);
	};
	for (const touched of ["input", "pointerdown", "keydown"]) document.addEventListener(touched, wait);
	if (!place.querySelector("form")) wait();
}

focus_errors();
follow_conditions();
check_fields();
follow_behalf();
shrink_pictures();
guard_forms();
watch_notices();
return_to_start();
