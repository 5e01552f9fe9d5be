// Loaded by the forms of Procedure Version when they are opened.

import { approve } from "./process/approval.js";
import { ChecksPanel } from "./process/checks.js";
import { compare_versions } from "./process/comparison.js";
import { ProcessEditor, download } from "./process/editor.js";
import { predecessors } from "./process/layout.js";
import { draw_predecessor_picker } from "./process/step_dialog.js";
import { next_key, titles_of, USUAL } from "./process/steps.js";
import { try_version } from "./process/trial.js";

window.one_stop = window.one_stop || {};
window.one_stop.process_editor = {
	ChecksPanel,
	ProcessEditor,
	USUAL,
	approve,
	compare_versions,
	download,
	draw_predecessor_picker,
	next_key,
	predecessors,
	titles_of,
	try_version,
};
