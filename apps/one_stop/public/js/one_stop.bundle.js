window.one_stop = window.one_stop || {};

import "./eform.js";
