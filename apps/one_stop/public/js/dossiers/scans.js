// Uploading scans: private, attached to the dossier when it is saved already, else when it is saved.

const ACCEPTED = ["application/pdf", "image/jpeg", "image/png", "image/tiff"];
export const ACCEPT = ".pdf,.jpg,.jpeg,.png,.tif,.tiff";

/** A file that is not taken; why has been shown already. */
export class ScanRefused extends Error {}

function refuse(message) {
	frappe.msgprint({ title: __("Scan"), message: frappe.utils.escape_html(message), indicator: "red" });
	throw new ScanRefused(message);
}

/** Store a scan and return its address. Throws ScanRefused, with the reason shown, for what is none. */
export async function upload(frm, file) {
	if (!ACCEPTED.includes(file.type)) {
		refuse(__("A scan is a PDF or a picture (JPEG, PNG, TIFF): {0}", [file.name]));
	}
	const limit = frappe.boot.max_file_size;
	if (limit && file.size > limit) {
		refuse(__("The file is larger than {0} MB: {1}", [Math.floor(limit / 1048576), file.name]));
	}
	const form = new FormData();
	form.append("file", file, file.name);
	form.append("is_private", "1");
	form.append("folder", "Home/Attachments");
	if (!frm.is_new()) {
		form.append("doctype", frm.doctype);
		form.append("docname", frm.doc.name);
	}
	const answer = await fetch("/api/method/upload_file", {
		method: "POST",
		headers: { "X-Frappe-CSRF-Token": frappe.csrf_token, Accept: "application/json" },
		body: form,
	});
	const said = await answer.json().catch(() => ({}));
	if (!answer.ok) refuse(reason_in(said) || __("The file could not be stored: {0}", [file.name]));
	return said.message.file_url;
}

/** What the server says about a refusal, as plain text. */
function reason_in(answer) {
	try {
		const [first] = JSON.parse(answer._server_messages || "[]");
		return first ? frappe.utils.html2text(JSON.parse(first).message || "") : "";
	} catch {
		return "";
	}
}
