// Small things of the desk that belong to no document: number cards that open their inbox.

const CARD = ".number-widget-box[data-widget-name]";

$(document).on("click", `${CARD} .widget-body`, function () {
	const card = locals["Number Card"]?.[$(this).closest(CARD).attr("data-widget-name")];
	if (card?.method !== "one_stop.api.inbox.number") return;
	const { queue } = JSON.parse(card.filters_json || "{}");
	if (queue) window.one_stop.queues.open(queue);
});
