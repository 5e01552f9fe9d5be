const COLOURS = {
	Started: "gray",
	Paid: "green",
	Failed: "red",
	"To Reconcile": "orange",
	Reconciled: "blue",
};

frappe.listview_settings["Online Payment"] = {
	get_indicator: (doc) => [__(doc.status), COLOURS[doc.status] || "gray", `status,=,${doc.status}`],
};
