// Uploading scans: private, attached to the dossier when it is saved already, else when it is saved.

const ACCEPTED = ["application/pdf", "image/jpeg", "image/png", "image/tiff"];
export const ACCEPT = ".pdf,.jpg,.jpeg,.png,.tif,.tiff";

export async function upload(frm, file) {
	if (!ACCEPTED.includes(file.type)) {
		frappe.throw(__("A scan is a PDF or a picture (JPEG, PNG, TIFF): {0}", [file.name]));
	}
	const limit = frappe.boot.max_file_size;
	if (limit && file.size > limit) {
		frappe.throw(__("The file is larger than {0} MB: {1}", [Math.floor(limit / 1048576), file.name]));
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
	if (!answer.ok) frappe.throw(__("The file could not be stored: {0}", [file.name]));
	return (await answer.json()).message.file_url;
}
