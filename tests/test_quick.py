"""What the build looks up once and not again for every number and every citation."""

import sys
from types import SimpleNamespace

import pybtex.plugin
import pytest
from built_book import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))
import quick


def test_a_stored_tree_is_read_once_and_all_else_is_asked_of_the_environment():
    read = []
    env = SimpleNamespace(get_doctree=lambda name: read.append(name) or [name], config="settings")
    kept = quick.KeptTrees(env)
    assert kept.get_doctree("a") is kept.get_doctree("a")
    assert kept.get_doctree("b") == ["b"]
    assert read == ["a", "b"]
    assert kept.config == "settings"


def test_numbers_are_resolved_with_trees_that_are_kept(monkeypatch):
    asked = []
    resolve = "_resolve_numref_xref"
    monkeypatch.setattr(quick.StandardDomain, resolve, lambda self, env, *rest: asked.append(env))
    domain = quick.QuickNumbers.__new__(quick.QuickNumbers)
    domain.env = SimpleNamespace()
    for _ in range(2):
        domain._resolve_numref_xref(domain.env, "page")
    assert isinstance(asked[0], quick.KeptTrees)
    assert asked[0] is asked[1]


def test_the_plugin_of_citations_is_found_without_a_look_at_what_is_installed(monkeypatch):
    domains = []
    quick.setup(SimpleNamespace(add_domain=lambda domain, override: domains.append(domain)))
    monkeypatch.setattr(pybtex.plugin, "entry_points", lambda **_: pytest.fail("looked"))
    assert pybtex.plugin.find_plugin("pybtex.backends", "plaintext") is quick.Backend
    assert domains == [quick.QuickNumbers]
