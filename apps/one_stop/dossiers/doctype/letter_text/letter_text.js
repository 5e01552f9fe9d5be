frappe.ui.form.on("Letter Text", {
	async refresh(frm) {
		const answer = await frappe.call({
			method: "one_stop.api.print_forms.text_values",
			type: "GET",
		});
		const rows = Object.entries(answer.message || {}).map(
			([name, what]) =>
				`<tr><td><code>{{ ${name} }}</code></td><td>${frappe.utils.escape_html(what)}</td></tr>`
		);
		const example = frappe.utils.escape_html("{% if reason %}… {{ reason }} …{% endif %}");
		frm.get_field("values_help").$wrapper.html(
			`<p class="text-muted">${__("Values that a text may name")}</p>
			<table class="table table-sm">${rows.join("")}</table>
			<p class="text-muted">${__("Only where there is one:")} <code>${example}</code></p>`
		);
	},
});
