// How another unit cooperates in linked procedures: asked of those who had a dossier in common with it, once a quarter.
frappe.pages["rate-a-unit"].on_page_load = (wrapper) => {
	frappe.ui.make_app_page({ parent: wrapper, title: __("Rate a Unit"), single_column: true });
};

frappe.pages["rate-a-unit"].on_page_show = async (wrapper) => {
	const body = $(wrapper).find(".layout-main-section").empty();
	const { message: rateable } = await frappe.call({
		method: "one_stop.api.evaluations.units_to_rate",
		type: "GET",
	});
	if (!rateable.length) {
		body.append(
			$("<p>").text(
				__(
					"There is no unit for you to rate: you had no dossier in common with one this quarter, or have rated all.",
				),
			),
		);
		return;
	}
	const form = new frappe.ui.FieldGroup({ parent: body, fields: fields(rateable) });
	form.make();
	$("<button>", { class: "btn btn-primary", text: __("Send") })
		.appendTo(body)
		.on("click", () => send(wrapper, form));
};

const fields = (rateable) => [
	{
		fieldname: "unit",
		label: __("Unit"),
		fieldtype: "Select",
		reqd: 1,
		options: rateable.map(({ unit, unit_name }) => ({ value: unit, label: unit_name })),
	},
	{
		fieldname: "points",
		label: __("How did it cooperate?"),
		fieldtype: "Select",
		reqd: 1,
		options: [
			{ value: "2", label: __("Well") },
			{ value: "1", label: __("Fairly") },
			{ value: "0", label: __("Poorly") },
		],
	},
	{
		fieldname: "comment",
		label: __("Anything else?"),
		fieldtype: "Small Text",
		description: __(
			"Your name and the day are not kept with your answers; they are shown with those of at least four others.",
		),
	},
];

async function send(wrapper, form) {
	const values = form.get_values();
	if (!values) return;
	await frappe.xcall("one_stop.api.evaluations.rate_unit", values);
	frappe.show_alert({ message: __("Thank you. Your rating is anonymous."), indicator: "green" });
	frappe.pages["rate-a-unit"].on_page_show(wrapper);
}
