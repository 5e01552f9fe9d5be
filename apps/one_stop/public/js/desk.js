// Small things of the desk that belong to no form: number cards that open their inbox, a board that only shows.

const CARD = ".number-widget-box[data-widget-name]";

$(document).on("click", `${CARD} .widget-body`, function () {
	const card = locals["Number Card"]?.[$(this).closest(CARD).attr("data-widget-name")];
	if (card?.method !== "one_stop.api.inbox.number") return;
	const { queue } = JSON.parse(card.filters_json || "{}");
	if (queue) window.one_stop.queues.open(queue);
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
