// Where each element of a process is drawn: columns by distance from the start, bands ("lanes") by unit.
//
// bpmn-auto-layout places only the elements of one participant and knows nothing of lanes, and a picture of
// who does what is the point of this one: so the places are computed here, and bpmn-auto-layout is left to
// lay out files of other tools that come without any.

export const SIZES = {
	task: { width: 180, height: 98 },
	gateway: { width: 50, height: 50 },
	event: { width: 36, height: 36 },
	bend: { width: 10, height: 10 },
};
const GUTTER = 56;
const ROW_GAP = 28;
const LANE_PADDING = 26;
const POOL_HEADER = 30;
const MARGIN = 24;
const LANE_HEADER = 30;

/** The keys in a step's `after`, in order, without blanks and repeats. */
export function predecessors(step) {
	const keys = (step.after || "")
		.split(",")
		.map((key) => key.trim())
		.filter(Boolean);
	return [...new Set(keys)];
}

/** The id of a step's element: BPMN allows only letters, digits, "_", "-" and "." in it. */
export function element_id(key, prefix = "Step") {
	const safe = key.replace(/[^A-Za-z0-9.-]/g, (letter) => `_${letter.codePointAt(0).toString(16)}`);
	return `${prefix}_${safe}`;
}

/** A step's band: the unit rule, and the unit where it is named. */
export function lane_key(step) {
	return step.unit_rule === "Named Unit"
		? `Named Unit:${step.unit || ""}`
		: step.unit_rule || "Deciding Unit";
}

/**
 * The graph to draw: steps, a start, an end, and a parallel gateway wherever a path splits or joins.
 * Predecessors that do not exist and flows that close a circle are left out of `edges` and listed in
 * `broken`: an unfinished process is still drawn.
 */
export function graph_of(steps) {
	const drawn = [];
	const by_key = new Map();
	for (const step of steps) {
		if (!step.step_key || by_key.has(step.step_key)) continue;
		by_key.set(step.step_key, step);
		drawn.push(step);
	}
	const before = new Map(drawn.map((step) => [step.step_key, []]));
	const after = new Map(drawn.map((step) => [step.step_key, []]));
	const broken = [];
	for (const step of drawn) {
		for (const key of predecessors(step)) {
			if (!by_key.has(key)) broken.push({ from: key, to: step.step_key, why: "missing" });
			else if (key === step.step_key || reaches(after, step.step_key, key)) {
				broken.push({ from: key, to: step.step_key, why: "circle" });
			} else {
				before.get(step.step_key).push(key);
				after.get(key).push(step.step_key);
			}
		}
	}

	const nodes = [];
	const edges = [];
	const node = (id, type, lane, extra = {}) => nodes.push({ id, type, lane, ...SIZES[type], ...extra });
	if (!drawn.length) return { nodes, edges, broken, by_key };

	const firsts = drawn.filter((step) => !before.get(step.step_key).length);
	const lasts = drawn.filter((step) => !after.get(step.step_key).length);
	const exit = (step) =>
		after.get(step.step_key).length > 1 ? element_id(step.step_key, "Split") : element_id(step.step_key);
	const entry = (step) =>
		before.get(step.step_key).length > 1 ? element_id(step.step_key, "Join") : element_id(step.step_key);

	node("Start", "event", lane_key(firsts[0]), { event: "start" });
	if (firsts.length > 1) {
		node("Split_Start", "gateway", lane_key(firsts[0]));
		edges.push({ from: "Start", to: "Split_Start", within: true });
	}
	for (const step of drawn) {
		const lane = lane_key(step);
		if (entry(step).startsWith("Join_")) {
			node(entry(step), "gateway", lane);
			edges.push({ from: entry(step), to: element_id(step.step_key), within: step.step_key });
		}
		node(element_id(step.step_key), "task", lane, { step });
		if (exit(step).startsWith("Split_")) {
			node(exit(step), "gateway", lane);
			edges.push({ from: element_id(step.step_key), to: exit(step), within: step.step_key });
		}
	}
	const end_lane = lane_key(lasts[lasts.length - 1]);
	if (lasts.length > 1) node("Join_End", "gateway", end_lane);
	node("End", "event", end_lane, { event: "end" });
	if (lasts.length > 1) edges.push({ from: "Join_End", to: "End", within: true });

	for (const step of firsts) {
		edges.push({
			from: firsts.length > 1 ? "Split_Start" : "Start",
			to: entry(step),
			step_to: step.step_key,
		});
	}
	for (const step of drawn) {
		for (const key of before.get(step.step_key)) {
			edges.push({ from: exit(by_key.get(key)), to: entry(step), step_from: key, step_to: step.step_key });
		}
	}
	for (const step of lasts) {
		edges.push({ from: exit(step), to: lasts.length > 1 ? "Join_End" : "End", step_from: step.step_key });
	}
	return { nodes, edges, broken, by_key };
}

/**
 * Whether a flow lies on the way along the steps `path`. A flow between a step and its own gateway belongs
 * to that step (`within`); any other leads from one step, or the start, to the next, or the end.
 */
export function is_on_path({ within, step_from, step_to }, path) {
	if (!path.length) return false;
	if (within) return within === true || path.includes(within);
	const stops = [undefined, ...path, undefined];
	return stops.some((stop, at) => at + 1 < stops.length && stop === step_from && stops[at + 1] === step_to);
}

function reaches(after, from, to) {
	const waiting = [from];
	const seen = new Set();
	while (waiting.length) {
		const key = waiting.pop();
		if (key === to) return true;
		if (seen.has(key)) continue;
		seen.add(key);
		waiting.push(...(after.get(key) || []));
	}
	return false;
}

/**
 * Places for all elements. Returns `{nodes, edges, lanes, pool, broken}`: nodes with x, y, width, height;
 * edges with `points`; lanes with key, y and height; all in pixels.
 */
export function layout(steps) {
	const { nodes, edges, broken } = graph_of(steps);
	if (!nodes.length) return { nodes, edges, lanes: [], pool: null, broken };
	const by_id = new Map(nodes.map((node) => [node.id, node]));
	rank(nodes, edges);
	const segments = split_long_edges(nodes, edges, by_id);
	const lane_keys = [...new Set(nodes.filter((node) => node.type === "task").map((node) => node.lane))];
	place_rows(nodes, segments, lane_keys, by_id);

	const columns = [];
	for (const node of nodes) columns[node.rank] = Math.max(columns[node.rank] || 0, node.width);
	const gutters = channels(segments, by_id, columns.length);
	const lefts = [];
	let x = MARGIN + POOL_HEADER + LANE_HEADER + 20;
	columns.forEach((width, index) => {
		lefts[index] = x;
		x += width + GUTTER + (gutters[index] ? gutters[index] * 12 : 0);
	});
	const right = lefts[columns.length - 1] + columns[columns.length - 1] + 36;

	let top = MARGIN;
	const lanes = lane_keys.map((key) => {
		const rows = 1 + Math.max(...nodes.filter((node) => node.lane === key).map((node) => node.row));
		const height = 2 * LANE_PADDING + rows * SIZES.task.height + (rows - 1) * ROW_GAP;
		const lane = { key, y: top, height, x: MARGIN + POOL_HEADER, width: right - MARGIN - POOL_HEADER };
		top += height;
		return lane;
	});
	const lane_tops = new Map(lanes.map((lane) => [lane.key, lane.y]));
	for (const node of nodes) {
		const middle =
			lane_tops.get(node.lane) +
			LANE_PADDING +
			node.row * (SIZES.task.height + ROW_GAP) +
			SIZES.task.height / 2;
		node.x = lefts[node.rank] + (columns[node.rank] - node.width) / 2;
		node.y = middle - node.height / 2;
	}
	for (const edge of edges) edge.points = route(edge, by_id, lefts, columns);
	return {
		nodes: nodes.filter((node) => node.type !== "bend"),
		edges,
		lanes,
		pool: { x: MARGIN, y: MARGIN, width: right - MARGIN, height: top - MARGIN },
		broken,
	};
}

/** Columns: the longest way from the start. Flows that would close a circle are not in the graph. */
function rank(nodes, edges) {
	const incoming = new Map(nodes.map((node) => [node.id, 0]));
	const outgoing = new Map(nodes.map((node) => [node.id, []]));
	const by_id = new Map(nodes.map((node) => [node.id, node]));
	for (const { from, to } of edges) {
		incoming.set(to, incoming.get(to) + 1);
		outgoing.get(from).push(to);
	}
	const ready = nodes.filter((node) => !incoming.get(node.id));
	for (const node of nodes) node.rank = 0;
	while (ready.length) {
		const node = ready.shift();
		for (const id of outgoing.get(node.id)) {
			const next = by_id.get(id);
			next.rank = Math.max(next.rank, node.rank + 1);
			incoming.set(id, incoming.get(id) - 1);
			if (!incoming.get(id)) ready.push(next);
		}
	}
	const end = by_id.get("End");
	end.rank = Math.max(...nodes.map((node) => node.rank));
}

/** A flow over several columns gets a bend in each, which keeps its way free of other elements. */
function split_long_edges(nodes, edges, by_id) {
	const segments = [];
	edges.forEach((edge, index) => {
		const source = by_id.get(edge.from);
		const target = by_id.get(edge.to);
		edge.chain = [edge.from];
		for (let column = source.rank + 1; column < target.rank; column++) {
			const bend = {
				id: `Bend_${index}_${column}`,
				type: "bend",
				lane: target.type === "gateway" ? source.lane : target.lane,
				rank: column,
				...SIZES.bend,
			};
			nodes.push(bend);
			by_id.set(bend.id, bend);
			edge.chain.push(bend.id);
		}
		edge.chain.push(edge.to);
		for (let at = 1; at < edge.chain.length; at++)
			segments.push({ from: edge.chain[at - 1], to: edge.chain[at], edge });
	});
	return segments;
}

/** Rows inside each band: beside the element before it where that place is free. */
function place_rows(nodes, segments, lane_keys, by_id) {
	const before = new Map();
	for (const { from, to } of segments) before.set(to, [...(before.get(to) || []), by_id.get(from)]);
	const taken = new Set();
	const columns = [];
	for (const node of nodes) {
		columns[node.rank] = columns[node.rank] || [];
		columns[node.rank].push(node);
	}
	for (const column of columns) {
		const wished = column.map((node, index) => {
			const near = (before.get(node.id) || []).filter((other) => other.lane === node.lane);
			const rows = near.map((other) => other.row);
			return { node, index, row: rows.length ? Math.min(...rows) : 0 };
		});
		wished.sort(
			(a, b) =>
				lane_keys.indexOf(a.node.lane) - lane_keys.indexOf(b.node.lane) ||
				a.row - b.row ||
				(a.node.type === "bend") - (b.node.type === "bend") ||
				a.index - b.index,
		);
		for (const { node, row } of wished) {
			node.row = row;
			while (taken.has(`${node.lane}|${node.rank}|${node.row}`)) node.row++;
			taken.add(`${node.lane}|${node.rank}|${node.row}`);
		}
	}
}

/** Flows that turn in the same gutter and do not belong together turn at different places. */
function channels(segments, by_id, count) {
	const most = new Array(count).fill(0);
	const gutters = new Map();
	for (const segment of segments) {
		const source = by_id.get(segment.from);
		const target = by_id.get(segment.to);
		if (source.lane === target.lane && source.row === target.row) continue;
		if (!gutters.has(source.rank)) gutters.set(source.rank, []);
		gutters.get(source.rank).push({ segment, source, target });
	}
	for (const [column, turning] of gutters) {
		const groups = new Map();
		for (const { segment, source, target } of turning) {
			const fans_in = turning.filter((other) => other.target === target).length > 1;
			const group = fans_in ? `to ${target.id}` : `from ${source.id}`;
			if (!groups.has(group)) groups.set(group, groups.size);
			segment.channel = groups.get(group);
		}
		most[column] = groups.size - 1;
		for (const { segment } of turning)
			segment.edge.turns = { ...segment.edge.turns, [column]: segment.channel };
	}
	return most;
}

function route(edge, by_id, lefts, columns) {
	const stops = edge.chain.map((id) => by_id.get(id));
	const middle = (node) => node.y + node.height / 2;
	const points = [{ x: stops[0].x + stops[0].width, y: middle(stops[0]) }];
	for (let at = 1; at < stops.length; at++) {
		const source = stops[at - 1];
		const target = stops[at];
		if (middle(source) !== middle(target)) {
			const column = source.rank;
			const turn = lefts[column] + columns[column] + GUTTER / 2 + 12 * (edge.turns?.[column] || 0);
			points.push({ x: turn, y: middle(source) }, { x: turn, y: middle(target) });
		}
	}
	const last = stops[stops.length - 1];
	points.push({ x: last.x, y: middle(last) });
	return points;
}
