window.one_stop = window.one_stop || {};

import "./eform.js";
import * as dossier from "./dossiers/form.js";
import * as printing from "./dossiers/printing.js";
import * as queues from "./dossiers/queues.js";
import * as text_blocks from "./dossiers/text_blocks.js";
import "./desk.js";

Object.assign(window.one_stop, { dossier, printing, queues, text_blocks });
