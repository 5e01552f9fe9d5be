// Builds the bundles of one app into OUT/dist, with the assets.json that Frappe reads.
//   node assets.mjs '{"app": "frappe", "folder": "…/frappe", "out": "…", "modules": ["…/node_modules"]}'
// `folder` is the app's package.
import crypto from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const { app, folder, out, modules } = JSON.parse(process.argv[2]);
const include = [path.dirname(folder)]; // from where scripts and stylesheets import by path
const require = createRequire(path.join(modules[0], "package.json"));
const esbuild = require("esbuild");
const sass = require("sass");
const rtlcss = require("rtlcss");
const vue = require("esbuild-plugin-vue3");

// A template imported as a module becomes an entry of frappe.templates, named after its file. Frappe writes it down as
// a template literal, and counts on what that makes of a backslash.
const templates = {
	name: "templates",
	setup(build) {
		build.onLoad({ filter: /\.html$/ }, ({ path: file }) => {
			const text = fs.readFileSync(file, "utf8").replace(/<!--[\s\S]*?-->/g, "").replace(/\s+/g, " ");
			const name = JSON.stringify(path.basename(file, ".html"));
			const literal = text.trim().replace(/`|\$\{/g, "\\$&");
			return { contents: `frappe.templates[${name}] = \`${literal}\`;` };
		});
	},
};

// Frappe uses its own fork of the date picker, which knows seconds; it hides them by their elements.
const datepicker = {
	name: "datepicker",
	setup(build) {
		build.onLoad({ filter: /air-datepicker\/dist\/js\/datepicker(\.min)?\.js$/ }, ({ path: file }) => {
			const none = "Object.assign(jQuery.fn.datepicker.Timepicker.prototype,{$seconds:jQuery(),$secondsText:jQuery()});";
			return { contents: `${fs.readFileSync(file, "utf8")}\n;${none}` };
		});
	},
};

// "~package/file" in a stylesheet means node_modules/package/file.
const packages = {
	findFileUrl(url) {
		if (!url.startsWith("~")) return null;
		const folder = modules.find((m) => fs.existsSync(path.join(m, url.slice(1).split("/")[0])));
		return folder ? pathToFileURL(path.join(folder, url.slice(1))) : null;
	},
};
const styles = {
	name: "styles",
	setup(build) {
		build.onLoad({ filter: /\.scss$/ }, ({ path: file }) => {
			const { css } = sass.compile(file, {
				importers: [packages],
				loadPaths: include,
				quietDeps: true,
				logger: sass.Logger.silent,
			});
			return { contents: css, loader: "css", resolveDir: path.dirname(file) };
		});
	},
};

function bundles_in(folder) {
	if (!fs.existsSync(folder)) return [];
	return fs
		.readdirSync(folder, { recursive: true })
		.filter((name) => /\.bundle\.(js|ts|scss|css)$/.test(name) && !/(^|\/)(node_modules|dist)\//.test(name))
		.map((name) => path.join(folder, name))
		.sort();
}

const dist = path.join(out, "dist");
function write(kind, name, text) {
	const hash = crypto.createHash("sha256").update(text).digest("hex").slice(0, 10);
	const file = path.join(dist, kind, name.replace(/\.(js|css)$/, `.${hash}.$1`));
	fs.mkdirSync(path.dirname(file), { recursive: true });
	fs.writeFileSync(file, text);
	return `/assets/${app}/dist/${kind}/${path.basename(file)}`;
}

const entries = bundles_in(path.join(folder, "public"));
const stem = (entry) => path.basename(entry).replace(/\.\w+$/, "");
const result = await esbuild.build({
	// The number keeps apart a script and a stylesheet of the same name.
	entryPoints: Object.fromEntries(entries.map((entry, i) => [`${i}/${stem(entry)}`, entry])),
	outdir: dist,
	write: false,
	bundle: true,
	minify: true,
	format: "iife",
	target: ["chrome90", "firefox90", "safari14"],
	charset: "utf8",
	external: ["/assets/*"],
	nodePaths: [...modules, ...include],
	define: { "process.env.NODE_ENV": '"production"', __VUE_OPTIONS_API__: "true", __VUE_PROD_DEVTOOLS__: "false" },
	loader: { ".svg": "dataurl", ".png": "dataurl", ".woff": "dataurl", ".woff2": "dataurl", ".ttf": "dataurl" },
	plugins: [templates, datepicker, styles, vue()],
	logLevel: "error",
	legalComments: "none",
});

const built = entries.map(() => ({}));
for (const file of result.outputFiles) {
	built[path.basename(path.dirname(file.path))][path.extname(file.path)] = file.text;
}
const names = {};
const rtl_names = {};
for (const [i, entry] of entries.entries()) {
	const name = stem(entry);
	const { ".js": script, ".css": style } = built[i];
	if (!script) {
		names[`${name}.css`] = write("css", `${name}.css`, style);
		rtl_names[`rtl_${name}.css`] = write("css-rtl", `${name}.css`, rtlcss.process(style));
		continue;
	}
	// The styles of a script's own components come with the script, or nobody would load them.
	const href = style && JSON.stringify(write("css", `${name}.part.css`, style));
	const link = `Object.assign(document.createElement("link"),{rel:"stylesheet",href:${href}})`;
	names[`${name}.js`] = write("js", `${name}.js`, style ? `document.head.append(${link});${script}` : script);
}
fs.writeFileSync(path.join(out, "assets.json"), JSON.stringify(names, null, "\t"));
fs.writeFileSync(path.join(out, "assets-rtl.json"), JSON.stringify(rtl_names, null, "\t"));
console.log(`${app}: ${Object.keys(names).length} bundles, ${Object.keys(rtl_names).length} right-to-left`);
