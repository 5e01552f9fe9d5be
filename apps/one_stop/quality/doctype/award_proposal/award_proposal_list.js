frappe.listview_settings["Award Proposal"] = {
	onload(list) {
		if (frappe.model.can_create("Award Proposal")) {
			list.page.add_inner_button(__("Propose by the Rules"), propose);
			frappe.realtime.off("award_proposals_made");
			frappe.realtime.on("award_proposals_made", ({ number }) => show(list, number));
		}
		list.page.add_inner_button(__("Print the Submission List"), () => print_list(list));
	},
};

const asked = () => [
	{ fieldname: "rule", label: __("Award Rule"), fieldtype: "Link", options: "Award Rule", reqd: 1 },
	{ fieldname: "year", label: __("Year"), fieldtype: "Int", default: new Date().getFullYear(), reqd: 1 },
];

function propose() {
	frappe.prompt(
		asked(),
		(values) =>
			frappe.xcall("one_stop.api.evaluations.propose", values).then(
				() =>
					frappe.show_alert(
						__("The proposals are being worked out. You will be told when they are there."),
					),
				// Frappe has shown why.
				() => {},
			),
		__("Propose by the Rules"),
		__("Propose"),
	);
}

function show(list, number) {
	frappe.show_alert({ message: __("{0} proposals made.", [number]), indicator: "green" }, 15);
	// Frappe takes the same question within three seconds for a repetition; this one has a new answer.
	list.last_args = null;
	list.refresh();
}

function print_list() {
	frappe.prompt(
		asked(),
		({ rule, year }) => {
			const search = new URLSearchParams({ rule, year });
			window.open(`/api/method/one_stop.api.evaluations.submission_list?${search}`);
		},
		__("Print the Submission List"),
		__("Print"),
	);
}
