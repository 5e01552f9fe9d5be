const MOST_BYTES = 5 * 1024 * 1024;

/** "Đăng ký" → "dang ky": how `search_text` is written. */
function plain(text) {
	return text
		.normalize("NFD")
		.replace(/[\u0300-\u036f]/g, "")
		.replace(/[đĐ]/g, "d")
		.toLowerCase()
		.replace(/\s+/g, " ")
		.trim();
}

frappe.listview_settings["Administrative Procedure"] = {
	hide_name_column: true,
	add_fields: ["status", "current_version"],

	get_indicator(doc) {
		const colour = { "In Force": "green", Repealed: "gray", Draft: "orange" }[doc.status] || "gray";
		return [__(doc.status, null, "Administrative Procedure"), colour, `status,=,${doc.status}`];
	},

	onload(listview) {
		listview.page.wrapper.addClass("os-list os-long-names");
		search_without_marks(listview);
		if (frappe.model.can_create("Administrative Procedure")) {
			listview.page.add_inner_button(__("Import JSON"), () => import_procedure(listview));
		}
	},
};

/** One box that finds a procedure by words of its name or its code, written with or without marks. */
function search_without_marks(listview) {
	let words = [];
	const filters_of = listview.get_filters_for_args.bind(listview);
	listview.get_filters_for_args = () => [
		...filters_of(),
		...words.map((word) => ["Administrative Procedure", "search_text", "like", `%${word}%`]),
	];
	const box = listview.page.add_field({
		fieldtype: "Data",
		fieldname: "procedure_search",
		label: __("Search by name or code"),
		placeholder: __("Search by name or code"),
	});
	const search = frappe.utils.debounce(() => {
		const asked = plain(box.$input.val() || "")
			.replace(/[%_\\]/g, " ")
			.split(" ")
			.filter(Boolean);
		if (asked.join(" ") === words.join(" ")) return;
		words = asked;
		listview.start = 0;
		listview.refresh();
	}, 300);
	box.$input.on("input", search);
	// It does what the boxes for code and name do, and more: it takes their place.
	const place = listview.page.page_form.find(".standard-filter-section");
	if (place.length) box.$wrapper.prependTo(place);
	box.$wrapper.removeClass("col-md-2").addClass("col-md-6 procedure-search");
	for (const fieldname of ["name", "procedure_code", "procedure_name"]) {
		const field = listview.page.fields_dict[fieldname];
		if (field) field.$wrapper.hide();
	}
}

function import_procedure(listview) {
	const input = document.createElement("input");
	input.type = "file";
	input.accept = ".json,application/json";
	input.multiple = true;
	input.className = "procedure-import-file hidden";
	input.addEventListener("change", async () => {
		const files = [...input.files];
		input.remove();
		const lines = [];
		for (const file of files) lines.push(...(await import_file(file)));
		frappe.msgprint({
			title: __("Import"),
			message: lines.map((line) => frappe.utils.escape_html(line)).join("<br>"),
		});
		listview.refresh();
	});
	document.body.append(input);
	input.click();
}

async function import_file(file) {
	if (file.size > MOST_BYTES) return [__("{0}: larger than 5 MB.", [file.name])];
	let data;
	try {
		data = JSON.parse(await file.text());
	} catch {
		return [__("{0}: not a JSON file.", [file.name])];
	}
	const answer = await frappe.xcall("one_stop.api.procedures.import_procedure", { data });
	const actions = { created: __("created"), updated: __("updated"), unchanged: __("unchanged") };
	const versions = (answer.versions || [])
		.map(
			(version) => `${__("Version {0}", [version.version_no])}: ${actions[version.action] || version.action}`,
		)
		.join("; ");
	return [[answer.procedure, versions].filter(Boolean).join(" – "), ...(answer.messages || [])];
}
