"""The book is never built with MathJax from a CDN: a bad installation stops the build."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError

EXTENSIONS = Path(__file__).parents[1] / "book" / "_ext"


@pytest.fixture
def extension(monkeypatch):
    monkeypatch.syspath_prepend(EXTENSIONS)
    yield importlib.import_module("offline_mathjax")
    sys.modules.pop("offline_mathjax")


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Let the package be found in a folder of its own, which is still empty."""
    spec = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    return tmp_path


def test_the_installed_file_is_the_known_one(extension):
    assert extension.installed_file().is_file()


def test_a_missing_package_stops_the_build(extension, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ExtensionError, match="sphinx-mathjax-offline is not installed"):
        extension.installed_file()


def test_a_missing_file_stops_the_build(extension, package):
    with pytest.raises(ExtensionError, match=r"tex-svg-full\.js is missing"):
        extension.installed_file()


def test_a_damaged_file_stops_the_build(extension, package):
    good = importlib.import_module("sphinx-mathjax-offline").__path__[0]
    whole = Path(good, "static", "mathjax", extension.FILE).read_bytes()
    damaged = package / "static" / "mathjax" / extension.FILE
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(whole[:-1])
    with pytest.raises(ExtensionError, match="damaged"):
        extension.installed_file()


def test_the_pages_name_the_local_file(extension):
    config = SimpleNamespace(mathjax_path="https://a.cdn/mathjax.js")
    extension.use_local_file(None, config)
    assert config.mathjax_path == "mathjax/tex-svg-full.js"


def test_the_file_is_copied_whole_into_the_built_book(extension, tmp_path):
    app = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=tmp_path)
    extension.copy_file(app)
    copied = tmp_path / "_static" / "mathjax" / "tex-svg-full.js"
    assert copied.read_bytes() == extension.installed_file().read_bytes()
