"""Mend, while the book is built, what its pages leave unsaid to readers who listen.

The slides are cut out of the mended pages.
"""

import re
from typing import Any

from sphinx.application import Sphinx

# The corner of a table, above the names of its rows, is the heading of nothing.
EMPTY_HEADING = re.compile(r"<th\b([^>]*)>((?:\s|</?p>)*)</th>")

# A formula is drawn, and its MathML is no part of a name: what holds it alone has none.
FORMULA = r"""<span class="math[^>]*>[^<]*</span>"""
OPTION = re.compile(rf'(<span class="sd-summary-text">)(?=\s*{FORMULA})')
HEADING = re.compile(rf"(<th\b[^>]*>\s*<p>)(?=\s*{FORMULA}\s*</p>\s*</th>)")

# sphinx-exercise and sphinx-proof give all their boxes the same ids.
SAME_ID = re.compile(r' id="(?:exercise|solution|proof)-content"| id="proof"')

# The entries of a list of sources have a role that is no longer one of a list's.
ENTRY = ' role="doc-biblioentry"'


def mend(html: str) -> str:
    """Return the body of a page without these faults."""
    html = SAME_ID.sub("", html).replace(ENTRY, ' role="listitem"')
    html = EMPTY_HEADING.sub(r"<td\1>\2</td>", html)
    html = HEADING.sub(r'\1<span class="unseen">Formula: </span>', html)
    return OPTION.sub(r'\1<span class="unseen">Answer: </span>', html)


def mend_page(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Mend a page before it is written."""
    if context.get("body"):
        context["body"] = mend(context["body"])


def setup(app: Sphinx) -> dict[str, object]:
    """Register the step with Sphinx, before the slides are cut."""
    app.connect("html-page-context", mend_page, priority=400)
    return {
        "version": "1",
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
