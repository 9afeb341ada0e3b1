"""What the build looks up once and not again for every page, number and citation."""

import os
import pickle
import sys
from contextlib import contextmanager
from types import SimpleNamespace

import pybtex.plugin
import pytest
from built_book import ROOT
from docutils import nodes
from sphinx.addnodes import toctree

sys.path.insert(0, str(ROOT / "book" / "_ext"))
import quick


class Numbers:
    """Stands in for Sphinx's domains: what has a caption has a number."""

    name = "std"

    def get_enumerable_node_type(self, node):
        return {nodes.figure: "figure", nodes.container: "code-block"}.get(type(node))

    def get_numfig_title(self, node):
        return any(isinstance(child, nodes.caption) for child in node) or None


def page():
    """Return the tree of a page: two sections, a figure in a cell, a listing, much else."""
    tree = nodes.document(None, None)
    tree.transformer = None
    figure = nodes.figure("", nodes.image(uri="a.png"), nodes.caption("", "Slopes"), ids=["fig"])
    listing = nodes.container("", nodes.caption("", "Loop"), nodes.literal_block("", "for"))
    cell = nodes.container("", nodes.literal_block("", "plot()"), figure)
    text = nodes.paragraph("", "words" * 10_000)
    inner = nodes.section("", text, cell, listing, ids=["inner"])
    tree += nodes.section("", nodes.title("", "One"), inner, toctree(entries=[]), ids=["outer"])
    tree.ids = {node["ids"][0]: node for node in (figure, inner)} | {"text": text}
    return tree


class Environment:
    """Has one page; notes when its whole tree is read."""

    def __init__(self, folder):
        self.doctreedir, self.domains, self.reads = folder, {"std": Numbers()}, 0
        (folder / "page.doctree").touch()

    def get_doctree(self, docname):
        self.reads += 1
        return page()


def kinds(tree):
    return [type(node).__name__ for node in tree.findall(nodes.Element)]


def test_a_bare_tree_holds_what_has_a_number_in_its_place(tmp_path):
    bare = quick.BareTrees(Environment(tmp_path)).get_doctree("page")
    assert kinds(bare) == [
        *("document", "section", "title", "section"),
        *("container", "figure", "caption"),  # without the picture, and the code of the cell
        *("container", "caption", "literal_block"),
        "toctree",
    ]
    assert bare.ids["fig"] is next(bare.findall(nodes.figure))
    assert bare.ids["inner"] is list(bare.findall(nodes.section))[1]
    assert type(bare.ids["text"]) is nodes.Element  # it is on the page, and has no number
    assert len(pickle.dumps(bare)) < 5000  # nothing leads back to the whole


def test_a_whole_tree_is_read_again_only_when_the_page_has_changed(tmp_path):
    env = Environment(tmp_path)
    trees = quick.BareTrees(env)
    assert trees.get_doctree("page") is trees.get_doctree("page")
    next_build = quick.BareTrees(env).get_doctree("page")
    assert env.reads == 1
    assert kinds(next_build) == kinds(trees.get_doctree("page"))
    later = (tmp_path / "page.numbered").stat().st_mtime_ns + 1
    os.utime(tmp_path / "page.doctree", ns=(later, later))
    quick.BareTrees(env).get_doctree("page")
    assert env.reads == 2
    assert {path.name for path in tmp_path.iterdir()} == {"page.doctree", "page.numbered"}


def test_bare_trees_take_the_place_of_whole_ones_for_a_while(tmp_path):
    env = Environment(tmp_path)
    trees = quick.BareTrees(env)
    with trees.take_the_place():
        assert env.get_doctree("page") is trees.get_doctree("page")
    assert "image" in kinds(env.get_doctree("page"))


class Trees:
    in_place = False

    @contextmanager
    def take_the_place(self):
        self.in_place = True
        yield
        self.in_place = False


def test_figures_are_numbered_and_their_numbers_found_by_bare_trees(monkeypatch):
    domain = quick.QuickNumbers.__new__(quick.QuickNumbers)
    domain.trees = Trees()

    def answer(_, env):
        return domain.trees.in_place and env

    monkeypatch.setattr(quick.StandardDomain, "_resolve_numref_xref", answer)
    monkeypatch.setattr(quick, "_number_figures", answer)
    env = SimpleNamespace(domains={"std": domain})
    assert domain._resolve_numref_xref(env) is env
    assert quick.number_figures(None, env) is env
    assert not domain.trees.in_place


def test_installed_packages_are_asked_once_for_each_plugin(monkeypatch):
    asked, domains = [], []
    monkeypatch.setattr(pybtex.plugin, "entry_points", lambda **of: asked.append(of) or ())
    monkeypatch.setattr(quick.TocTreeCollector, "assign_figure_numbers", None)
    quick.setup(SimpleNamespace(add_domain=lambda domain, override: domains.append(domain)))
    for _ in range(2):
        with pytest.raises(pybtex.plugin.PluginNotFound):
            pybtex.plugin.find_plugin("pybtex.backends", "plaintext")
    assert asked
    assert len(asked) == len({str(of) for of in asked})
    assert domains == [quick.QuickNumbers]
    assert quick.TocTreeCollector.assign_figure_numbers is quick.number_figures
