// Realtime: one socket.io namespace per site, fed by the Redis channel `events`, with Frappe deciding who may
// listen. Environment: SOCKET (unix socket to listen on), WEB_SOCKET (gunicorn's), REDIS_QUEUE (URL),
// FRAPPE (its package's folder).
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.NODE_MODULES}/package.json`);
const { Server } = require("socket.io");
const redis = require("@redis/client");

const server = http.createServer((_, response) => response.writeHead(404).end());
const io = new Server(server, { maxHttpBufferSize: 1e5, serveClient: false });

// Asks Frappe with the visitor's own cookie or token; the answer's message, or an error.
function ask(socket, method, args = {}) {
	const headers = { Host: socket.handshake.headers.host, "X-Frappe-Site-Name": socket.nsp.name.slice(1) };
	for (const name of ["cookie", "authorization"]) {
		if (socket.handshake.headers[name]) headers[name] = socket.handshake.headers[name];
	}
	const path = `/api/method/frappe.realtime.${method}?${new URLSearchParams(args)}`;
	return new Promise((resolve, reject) => {
		http
			.get({ socketPath: process.env.WEB_SOCKET, path, headers, timeout: 10000 }, (response) => {
				let body = "";
				response.on("data", (chunk) => (body += chunk));
				response.on("end", () => {
					if (response.statusCode !== 200) return reject(new Error(`${method}: ${response.statusCode}`));
					resolve(JSON.parse(body).message);
				});
			})
			.on("timeout", function () {
				this.destroy(new Error(`${method}: no answer`));
			})
			.on("error", reject);
	});
}

// Frappe 16 made one question of the two that 15 has. Each answers with an error who may not read.
const one_question = fs.readFileSync(`${process.env.FRAPPE}/realtime.py`, "utf8").includes("def has_permission(");
function may_read(socket, doctype, docname) {
	if (one_question) return ask(socket, "has_permission", { doctype, name: docname ?? "" });
	if (docname === undefined) return ask(socket, "can_subscribe_doctype", { doctype });
	return ask(socket, "can_subscribe_doc", { doctype, docname });
}

const sites = io.of(/^\/[\w.-]+$/);

sites.use(async (socket, next) => {
	const { origin, host, cookie = "", authorization } = socket.handshake.headers;
	try {
		if (origin && new URL(origin).host !== host) throw new Error("Foreign origin");
		if (!authorization && !/(^|;\s*)sid=/.test(cookie)) throw new Error("No session");
		const { user, user_type } = await ask(socket, "get_user_info");
		if (!user || user === "Guest") throw new Error("No session");
		socket.data = { user, user_type, open: new Set() };
		next();
	} catch (error) {
		next(new Error(error.message));
	}
});

// Tells those who have a document open who else has.
async function tell_viewers(socket, room) {
	const sockets = await socket.nsp.in(`open_${room}`).fetchSockets();
	const users = [...new Set(sockets.map((s) => s.data.user))];
	const [doctype, ...name] = room.slice("doc:".length).split("/");
	socket.nsp.to(`open_${room}`).emit("doc_viewers", { doctype, docname: name.join("/"), users });
}

sites.on("connection", (socket) => {
	const { user, user_type, open } = socket.data;
	const guarded = (event, handler) =>
		socket.on(event, (...args) => {
			if (args.slice(0, handler.length).some((arg) => typeof arg !== "string")) return;
			Promise.resolve(handler(...args)).catch((error) => console.log(event, user, error.message));
		});
	const doc_room = (doctype, docname) => `doc:${doctype}/${docname}`;

	socket.join(`user:${user}`);
	socket.join("website");
	if (user_type === "System User") socket.join("all");

	guarded("doctype_subscribe", async (doctype) => {
		await may_read(socket, doctype);
		socket.join(`doctype:${doctype}`);
	});
	guarded("doctype_unsubscribe", (doctype) => socket.leave(`doctype:${doctype}`));
	guarded("doc_subscribe", async (doctype, docname) => {
		await may_read(socket, doctype, docname);
		socket.join(doc_room(doctype, docname));
	});
	guarded("doc_unsubscribe", (doctype, docname) => socket.leave(doc_room(doctype, docname)));
	guarded("doc_open", async (doctype, docname) => {
		await may_read(socket, doctype, docname);
		const room = doc_room(doctype, docname);
		socket.join([room, `open_${room}`]);
		open.add(room);
		await tell_viewers(socket, room);
	});
	guarded("doc_close", async (doctype, docname) => {
		const room = doc_room(doctype, docname);
		socket.leave(`open_${room}`);
		open.delete(room);
		await tell_viewers(socket, room);
	});
	// A task's room is known only to who was given its random id.
	guarded("task_subscribe", (task) => socket.join(`task_progress:${task}`));
	guarded("progress_subscribe", (task) => socket.join(`task_progress:${task}`));
	guarded("task_unsubscribe", (task) => socket.leave(`task_progress:${task}`));
	socket.on("ping", () => socket.emit("pong"));
	socket.on("disconnect", () => {
		for (const room of open) tell_viewers(socket, room).catch(() => {});
	});
});

const subscriber = redis.createClient({ url: process.env.REDIS_QUEUE });
subscriber.on("error", (error) => console.log("redis", error.message));
await subscriber.connect();
await subscriber.subscribe("events", (text) => {
	const { namespace, room, event, message } = JSON.parse(text);
	const site = io.of(`/${namespace}`);
	(room ? site.to(room) : site).emit(event, message);
});

fs.rmSync(process.env.SOCKET, { force: true });
server.listen(process.env.SOCKET, () => console.log("realtime ready"));
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));
