frappe.ui.form.on("Unit Member", {
	setup(frm) {
		frm.set_query("user", () => ({ query: "frappe.core.doctype.user.user.user_query" }));
		frm.set_query("delegate", () => ({
			query: "frappe.core.doctype.user.user.user_query",
			filters: { name: ["!=", frm.doc.user || ""] },
		}));
	},

	refresh(frm) {
		const today = frappe.datetime.get_today();
		const { delegate, delegate_from, delegate_to, to_date } = frm.doc;
		frm.set_intro("");
		if (to_date && to_date < today) {
			frm.set_intro(__("This duty ended on {0}.", [frappe.datetime.str_to_user(to_date)]), "orange");
		} else if (delegate && delegate_from <= today && delegate_to >= today) {
			frm.set_intro(
				__("Until {0} this duty is also done by {1}.", [
					frappe.datetime.str_to_user(delegate_to),
					frappe.user.full_name(delegate) || delegate,
				]),
				"blue",
			);
		}
		if (!frm.is_new() && !to_date && frm.perm[0]?.write) {
			frm.page.add_inner_button(__("End This Duty"), () => end_duty(frm));
		}
	},
});

function end_duty(frm) {
	frappe.prompt(
		[
			{
				fieldname: "to_date",
				fieldtype: "Date",
				label: __("Last Day"),
				default: frappe.datetime.get_today(),
				reqd: 1,
			},
		],
		async ({ to_date }) => {
			await frm.set_value("to_date", to_date);
			await frm.save();
		},
		__("End This Duty"),
		__("End"),
	);
}
