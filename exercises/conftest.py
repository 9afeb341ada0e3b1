"""Run the authors' notebooks as tests, like chapters; students' notebooks wait for answers."""

import importlib.util
from pathlib import Path

import pytest

CHAPTERS = Path(__file__).parents[1] / "book" / "conftest.py"
spec = importlib.util.spec_from_file_location("chapters", CHAPTERS)
chapters = importlib.util.module_from_spec(spec)
spec.loader.exec_module(chapters)


def pytest_terminal_summary(terminalreporter, config):
    if not config.pluginmanager.has_plugin(str(CHAPTERS)):  # which would say the same
        chapters.pytest_terminal_summary(terminalreporter)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    """Take the notebooks in folders called source, and leave the others out."""
    found = yield
    if file_path.suffix == ".ipynb" and file_path.parent.name != "source":
        return []
    return [
        chapters.Chapter.from_parent(parent, path=node.path)
        if isinstance(node, chapters.IPyNbFile)
        else node
        for node in found
    ]
