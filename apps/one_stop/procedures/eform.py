"""The electronic form: which questions are asked, and whether the answers are in order. Pure.

The browser asks the same by `public/js/eform.js`; here is what counts.
"""

import re

NAME = re.compile(r"[a-z_][a-z0-9_]{0,59}")
