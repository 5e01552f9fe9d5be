// Calls to the server: what only reads goes by GET, what changes something by POST.

export function read(method, args) {
	return call(method, args, "GET");
}

export function command(method, args) {
	return call(method, args, "POST");
}

function call(method, args, type) {
	return new Promise((resolve, reject) => {
		frappe.call({ method: `one_stop.api.${method}`, args, type }).then(
			(answer) => resolve(answer.message),
			reject
		);
	});
}
