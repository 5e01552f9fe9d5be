frappe.ui.form.on("Dossier", {
	setup: (frm) => one_stop.dossier.setup(frm),
	refresh: (frm) => one_stop.dossier.refresh(frm),
	procedure: (frm) => one_stop.dossier.prepare(frm),
	case_name: (frm) => one_stop.dossier.prepare(frm),
	channel: (frm) => one_stop.dossier.prepare(frm),
	receiving_unit: (frm) => one_stop.dossier.prepare(frm),
	applicant_id_number: (frm) => one_stop.dossier.know_applicant(frm),
	before_save: (frm) => one_stop.dossier.keep_answers(frm),
});
