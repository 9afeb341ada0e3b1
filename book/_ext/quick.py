"""Keep what Sphinx and pybtex look up anew for each page, number and citation.

To number figures, Sphinx reads the whole stored tree of every page, however little has
changed; and for every "Figure 3.2" in the text that of the page which the figure is on.
For every citation pybtex reads what all installed packages say of themselves. In a book
of this size that is two fifths of a build, and a fifth of one after a page has changed.
"""

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pybtex.plugin
from docutils import nodes
from sphinx.addnodes import toctree
from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors.toctree import TocTreeCollector

KEPT = ".numbered"  # a page's bare tree, in a file beside that of the whole


class BareTrees:
    """Of each page what has a number, such as sections and figures, and nothing else.

    A bare tree is made once for each stored tree, and read once in each build; who uses
    it changes none.
    """

    def __init__(self, env: BuildEnvironment):
        self._env, self._read = env, env.get_doctree
        self._trees: dict[str, nodes.document] = {}

    @contextmanager
    def take_the_place(self) -> Iterator[None]:
        """Let the environment hand out bare trees for a while."""
        vars(self._env)["get_doctree"] = self.get_doctree
        try:
            yield
        finally:
            del vars(self._env)["get_doctree"]

    def get_doctree(self, docname: str) -> nodes.document:
        """Return the bare tree of a page."""
        if docname not in self._trees:
            self._trees[docname] = self._stored(docname)
        return self._trees[docname]

    def _stored(self, docname: str) -> nodes.document:
        whole = Path(self._env.doctreedir, docname + ".doctree")
        kept = whole.with_suffix(KEPT)
        if kept.exists() and kept.stat().st_mtime_ns >= whole.stat().st_mtime_ns:
            stored: nodes.document = pickle.loads(kept.read_bytes())
            return stored
        tree = self._bare(self._read(docname))
        new = kept.with_suffix(".new")
        new.write_bytes(pickle.dumps(tree))
        new.replace(kept)
        return tree

    def _bare(self, tree: nodes.document) -> nodes.document:
        """Return tree without what has no number, nor the tables that still hold it."""
        self._strip(tree)
        bare = nodes.document(None, None)
        bare.transformer = None  # cannot be stored
        bare.ids = {name: nodes.Element() for name in tree.ids}
        for child in tree.children:
            bare += child.deepcopy()
        for node in bare.findall():
            node.document = bare
            if isinstance(node, nodes.Element):
                bare.ids |= dict.fromkeys(node["ids"], node)
        return bare

    def _strip(self, node: nodes.Node) -> bool:
        """Take from node what has no number, and say whether it is needed itself."""
        if isinstance(node, toctree | nodes.title | nodes.caption):
            return True
        numbered = self._is_numbered(node)
        is_listing = numbered and isinstance(node, nodes.container)  # known by its code
        if not is_listing:
            node.children = [child for child in node.children if self._strip(child)]
        return numbered or bool(node.children) or isinstance(node, nodes.section)

    def _is_numbered(self, node: nodes.Node) -> bool:
        return not isinstance(node, nodes.section) and any(
            domain.get_enumerable_node_type(node)
            and (domain.name != "std" or domain.get_numfig_title(node))
            for domain in self._env.domains.values()
        )


class QuickNumbers(StandardDomain):
    """The standard domain, which numbers figures, tables and sections."""

    @cached_property
    def trees(self) -> BareTrees:
        return BareTrees(self.env)

    def _resolve_numref_xref(self, *args: Any) -> Any:
        with self.trees.take_the_place():
            return super()._resolve_numref_xref(*args)


def number_figures(collector: TocTreeCollector, env: BuildEnvironment) -> list[str]:
    """Number all figures, by their bare trees."""
    with env.domains["std"].trees.take_the_place():
        return _number_figures(collector, env)


_number_figures = TocTreeCollector.assign_figure_numbers


def setup(app: Sphinx) -> dict[str, object]:
    """Put all of it in the place of what it speeds up."""
    app.add_domain(QuickNumbers, override=True)
    TocTreeCollector.assign_figure_numbers = number_figures
    pybtex.plugin.entry_points = cache(pybtex.plugin.entry_points)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
