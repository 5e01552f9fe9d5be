const COLOURS = {
	Started: "gray",
	Paid: "green",
	Failed: "red",
	Expired: "gray",
	"To Reconcile": "orange",
	Reconciled: "blue",
};

frappe.listview_settings["Online Payment"] = {
	hide_name_column: true,
	hide_name_filter: true,
	get_indicator: (doc) => [__(doc.status), COLOURS[doc.status] || "gray", `status,=,${doc.status}`],
};
