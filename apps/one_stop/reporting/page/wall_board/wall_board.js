// The management board: figures, ranked units, slow procedures, tomorrow's deadlines. Made for a phone as for a wall.
const EVERY_MINUTE = 60_000;

const TILES = [
	{ key: "received_today", label: "Received today" },
	{ key: "received_month", label: "Received this month" },
	{ key: "resolved_month", label: "Resolved this month" },
	{ key: "on_time_month", label: "On time", share: true },
	{ key: "overdue_now", label: "Overdue now", alarm: true },
	{ key: "due_tomorrow", label: "Due tomorrow" },
	{ key: "online_month", label: "Online", share: true, target: "online_target" },
	{ key: "satisfaction", label: "Satisfaction", share: true },
];

const text = (value) => frappe.utils.escape_html(String(value ?? ""));
const share = (value) => (value === null || value === undefined ? "–" : `${value.toLocaleString("vi-VN")}%`);
const report = (name) => `/app/query-report/${encodeURIComponent(name)}`;
const list = (opens) => frappe.utils.escape_html(one_stop.reports.list_behind(opens));

frappe.pages["wall-board"].on_page_load = (wrapper) => {
	const page = frappe.ui.make_app_page({
		parent: wrapper,
		title: __("Wall Screen"),
		single_column: true,
	});
	const unit = page.add_field({
		fieldname: "unit",
		label: __("Unit"),
		fieldtype: "Link",
		options: "Administrative Unit",
		change: () => show(),
	});
	const body = $('<div class="one-stop-board" aria-live="polite"></div>').appendTo(page.main);
	page.add_inner_button(__("Full Screen"), () => body[0].requestFullscreen());

	async function show() {
		const { message } = await frappe.call({
			method: "one_stop.api.board.show",
			type: "GET",
			args: { unit: unit.get_value() || "" },
		});
		body.html(draw(message));
	}
	wrapper.refresh_board = show;
	show();
	setInterval(() => {
		if (frappe.get_route()[0] === "wall-board" && !document.hidden) show();
	}, EVERY_MINUTE);
};

frappe.pages["wall-board"].on_page_show = (wrapper) => wrapper.refresh_board?.();

function draw(board) {
	return `<style>${STYLE}</style>
		<div class="board-head"><strong>${text(board.title)}</strong>
			<span>${__("Updated at {0}", [frappe.datetime.str_to_user(board.at)])}</span></div>
		<p class="text-muted small">${text(board.measured)}</p>
		<div class="board-tiles">${TILES.map((tile) => draw_tile(tile, board)).join("")}</div>
		<div class="board-lists">
			${draw_overdue(board.overdue, board.overdue_left_out)}
			${draw_list(
				__("Slowest procedures"),
				board.slowest.map((row) => [
					row.procedure_name,
					__("{0} of {1} late", [row.late, row.resolved]),
					list(row.opens),
				]),
				__("No late procedures"),
			)}
			${draw_list(
				__("Tomorrow's deadlines"),
				board.tomorrow.map((row) => [
					`${row.hour} · ${row.procedure_name || row.code}`,
					row.unit_name,
					`/app/dossier/${encodeURIComponent(row.name)}`,
				]),
				__("Nothing due tomorrow"),
			)}
			${draw_list(
				__("Targets behind"),
				board.targets.map((row) => [
					`${row.subject}: ${row.metric}`,
					`${share(row.projected)} / ${share(row.value)}`,
					report("Target Progress"),
				]),
				board.has_targets ? __("All targets on course") : __("No targets have been set"),
			)}
		</div>`;
}

function draw_tile(tile, { numbers, opens }) {
	const value = numbers[tile.key];
	const shown = tile.share ? share(value) : (value ?? 0).toLocaleString("vi-VN");
	const target = tile.target && numbers[tile.target];
	const below = target && value !== null && value < target;
	const alarm = (tile.alarm && value) || below ? " alarm" : "";
	const note = target ? `<small>${__("target {0}", [share(target)])}</small>` : "";
	const inner = `<span>${__(tile.label)}</span><b>${shown}</b>${note}`;
	return opens[tile.key] && value
		? `<a class="board-tile${alarm}" href="${list(opens[tile.key])}">${inner}</a>`
		: `<div class="board-tile${alarm}">${inner}</div>`;
}

function draw_overdue(rows, left_out) {
	const most = Math.max(1, ...rows.map((row) => row.count));
	const bars = rows.map(
		(row) => `<a class="board-bar" href="${row.opens ? list(row.opens) : report("Late Dossiers")}">
			<span>${text(row.unit_name)}</span><i style="width: ${(100 * row.count) / most}%"></i><b>${row.count}</b></a>`,
	);
	if (left_out) bars.push(`<p class="text-muted">${__("{0} more units have overdue dossiers.", [left_out])}</p>`);
	return `<section><h3>${__("Overdue now by unit")}</h3>${bars.join("") || `<p>${__("Nothing overdue")}</p>`}</section>`;
}

function draw_list(title, rows, empty) {
	const lines = rows.map(
		([name, note, href]) =>
			`<a class="board-line" href="${href}"><span>${text(name)}</span><b>${text(note)}</b></a>`,
	);
	return `<section><h3>${title}</h3>${lines.join("") || `<p>${empty}</p>`}</section>`;
}

const STYLE = `
	.one-stop-board { padding: 12px; background: var(--bg-color); min-height: 70vh; overflow: auto; color: var(--text-color); }
	.board-head { display: flex; justify-content: space-between; gap: 12px; flex-wrap: wrap; margin-bottom: 12px; font-size: 1.1em; }
	.board-tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(126px, 1fr)); gap: 10px; }
	.board-tile { display: flex; flex-direction: column; padding: 12px; border-radius: 8px; background: var(--card-bg); color: inherit; border: 1px solid var(--border-color); }
	.board-tile b { font-size: 1.9em; line-height: 1.2; } .board-tile.alarm b { color: var(--red-600, #b42318); }
	.board-lists { display: grid; grid-template-columns: repeat(auto-fit, minmax(290px, 1fr)); gap: 14px; margin-top: 14px; }
	.board-lists section { background: var(--card-bg); border: 1px solid var(--border-color); border-radius: 8px; padding: 12px; }
	.board-lists h3 { font-size: 1.05em; margin: 0 0 8px; }
	.board-line, .board-bar { display: flex; justify-content: space-between; gap: 8px; padding: 5px 0; color: inherit; border-top: 1px solid var(--border-color); }
	.board-line b { flex: 0 1 auto; max-width: 45%; text-align: right; font-weight: 500; }
	.board-bar { position: relative; } .board-bar i { position: absolute; left: 0; bottom: 0; height: 3px; background: var(--red-500, #d92d20); }
	.one-stop-board:fullscreen { font-size: clamp(1.1em, 1.35vw, 2.2em); padding: 24px; }
`;
