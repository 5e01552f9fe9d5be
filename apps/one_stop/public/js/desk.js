// Small things of the desk that belong to no form: number cards that open their inbox, a board that only shows.

// Frappe leads nowhere from a card whose figure a method gives: ours open what they count.
const NumberCard = frappe.widget?.widget_factory?.number_card;
if (NumberCard) {
	const { set_events } = NumberCard.prototype;
	NumberCard.prototype.set_events = function () {
		set_events.call(this);
		$(this.body).on("click", () => !this.in_customize_mode && open_counted(this.card_doc));
	};
}

function open_counted({ method, filters_json }) {
	const filters = JSON.parse(filters_json || "{}");
	if (method === "one_stop.api.inbox.number" && filters.queue) window.one_stop.queues.open(filters.queue);
	if (method === "one_stop.api.board.number") {
		frappe.xcall(method, { filters }).then(({ route, route_options }) => {
			if (!route) return;
			frappe.route_options = route_options;
			frappe.set_route(route);
		});
	}
}

// Of dossiers there is no chart of bars over time, and the cards of the management board are none of a list's.
const { ListViewSelect } = frappe.views;
if (ListViewSelect) {
	const { add_view_to_menu } = ListViewSelect.prototype;
	ListViewSelect.prototype.add_view_to_menu = function (view, action) {
		if (this.doctype === "Dossier" && ["Gantt", "Dashboard"].includes(view)) return;
		add_view_to_menu.call(this, view, action);
	};
}

// Mails are written out of forms by who manages the system only.
$(document).on("form-refresh", (_event, frm) => {
	const mail = $(frm.wrapper).find(".timeline-actions .action-btn:has(use[href='#icon-mail'])");
	mail.toggle(frappe.user.has_role("System Manager"));
});

// The board shows where dossiers stand; they move by their commands only, so its cards cannot be dragged.
for (const kind of ["pointerdown", "mousedown", "touchstart"]) {
	document.addEventListener(
		kind,
		(event) => {
			const board = cur_list?.doctype === "Dossier" && cur_list.view_name === "Kanban";
			if (board && event.target.closest?.(".kanban-card-wrapper")) event.stopPropagation();
		},
		{ capture: true, passive: true }
	);
}

// A board of everything ever received is no board: the first cards of each column are enough to see how it stands.
const MOST_CARDS = 500;
const { KanbanView } = frappe.views;
if (KanbanView) {
	const { setup_defaults } = KanbanView.prototype;
	KanbanView.prototype.setup_defaults = function () {
		return setup_defaults.call(this).then((answer) => {
			if (this.doctype === "Dossier") this.page_length = MOST_CARDS;
			return answer;
		});
	};
}

// Bootstrap drops a call to hide while a dialog is still coming in: whoever answers it at once would find it open still.
const { hide } = frappe.ui.Dialog.prototype;
frappe.ui.Dialog.prototype.hide = function () {
	const modal = this.$wrapper.data("bs.modal");
	if (modal?._isShown && modal._isTransitioning) this.$wrapper.one("shown.bs.modal", () => hide.call(this));
	else hide.call(this);
};

/** Has Frappe show stored names in words: in lists, in built reports, on forms. */
window.one_stop.in_words = (doctype, names) => {
	const title = frappe.get_meta(doctype).title_field;
	const words = (fieldname, value) => __(names[fieldname](value) || value || "");
	const formatters = {};
	for (const fieldname of Object.keys(names)) {
		formatters[fieldname] = (value) => frappe.utils.escape_html(words(fieldname, value));
		frappe.meta.docfield_map[doctype][fieldname].formatter = formatters[fieldname];
	}
	const settings = { formatters, hide_name_column: true, hide_name_filter: true };
	if (names[title]) {
		// A formatter of the title would replace the row's link and box as well.
		delete formatters[title];
		settings.onload = (listview) => {
			// Frappe 15 has the first, Frappe 16 the second.
			for (const drawing of ["get_subject_html", "get_subject_text"]) {
				const draw = listview[drawing];
				if (!draw) continue;
				listview[drawing] = (doc) => {
					const said = words(title, doc[title]);
					return draw.call(listview, { ...doc, [title]: said }, said);
				};
			}
		};
	}
	frappe.listview_settings[doctype] = settings;
};

/** What the ledger calls an event. */
window.one_stop.event_name = (kind) => frappe.boot.one_stop.event_kinds[kind];

// An advertisement in English.
const { ListSidebar } = frappe.views;
if (ListSidebar) ListSidebar.prototype.add_insights_banner = () => {};
