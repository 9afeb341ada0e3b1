"""Run the notebooks as tests: nbval executes them, `compare.py` says what is the same.

Stock nbval ignores pictures, compares floats to the last bit, lets a cell pass that was
never run, and shows the value of a line that ends in a semicolon. The classes here put
that right, for the notebooks of this folder.
"""

import functools
import importlib.util
import os
import warnings
from unittest import mock

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

from compare import difference_of_outputs
from execute import SAME_ARITHMETIC, arithmetic, kernel_environment

NOT_COMPARED = "not compared"  # the key of a note that a test takes along in its report
CELL_ARGUMENTS = ("name", "cell_num", "cell", "options")


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(parent):
    """Let nbval find the notebooks, then take them over."""
    found = yield
    return [
        Chapter.from_parent(parent, path=node.path)
        if isinstance(node, IPyNbFile)
        else node
        for node in found
    ]


class Chapter(IPyNbFile):
    """A notebook of the book, with one test per code cell."""

    def collect(self):
        items = list(super().collect())
        self.check_it_was_run()
        for item in items:
            wanted = {name: getattr(item, name) for name in CELL_ARGUMENTS}
            yield ChapterCell.from_parent(self, **wanted)

    def check_it_was_run(self):
        code = [c for c in self.nb.cells if c.cell_type == "code" and c.source.strip()]
        counts = [cell.execution_count for cell in code]
        if counts != list(range(1, len(code) + 1)):
            raise self.CollectError(
                f"{self.nodeid} was not run from top to bottom: its cells are numbered "
                f"{counts}. Run: python book/execute.py {self.nodeid}"
            )

    def setup(self):
        """Start the kernel, unless the chapter lacks data or modules that it needs."""
        for name in self.nb.metadata.get("coursenn", {}).get("needs", []):
            require(name)
        with mock.patch.dict(os.environ, kernel_environment()):
            super().setup()
        # With a history, as in Jupyter: only then a trailing semicolon hides a value.
        self.kernel.execute_cell_input = functools.partial(
            self.kernel.kc.execute, store_history=True, stop_on_error=False
        )


class ChapterCell(IPyNbCell):
    """A code cell: what it prints and draws is what is stored."""

    def compare_outputs(self, test, ref, skip_compare=None):
        if SAME_ARITHMETIC in self.cell.metadata.get("tags", []) and self.rounds_anew():
            return True
        difference = difference_of_outputs(stored=ref, new=test)
        self.comparison_traceback = [difference] if difference else []
        return difference is None

    def rounds_anew(self):
        """Return whether the last bits may differ, and take a note if they may."""
        stored = self.parent.nb.metadata.get("coursenn", {}).get("arithmetic")
        if stored is not None and stored == arithmetic():
            return False
        why = f"stored with {stored}; this is {arithmetic()}"
        self.user_properties.append((NOT_COMPARED, (self.parent.nodeid, why)))
        return True


def pytest_terminal_summary(terminalreporter):
    """Say which chapters have cells that were run and not compared, and why."""
    passed = terminalreporter.stats.get("passed", [])
    notes = (note for report in passed for note in report.user_properties)
    for name, why in dict(told for kind, told in notes if kind == NOT_COMPARED).items():
        terminalreporter.write_line(
            f"{name}: {SAME_ARITHMETIC} cells not compared: {why}"
        )


def require(name):
    """Skip the chapter without its data or modules; CI, which has them, fails."""
    why = why_no_data(name) if is_data(name) else why_no_module(name)
    ci_has_it = os.environ.get("COURSENN_DATA") or not is_data(name)
    if why and os.environ.get("CI") and ci_has_it:
        pytest.fail(f"CI must run this chapter, but: {why}", pytrace=False)
    if why:
        pytest.skip(why)


def is_data(name):
    """Return whether this is a data set of `coursenn.data`; else it is a module."""
    from coursenn import data

    return hasattr(data, f"load_{name}")


def why_no_module(name):
    """Return None when the module is installed, else what to do."""
    if importlib.util.find_spec(name):
        return None
    return (
        f"the chapter needs {name}, which is not installed:"
        " make frameworks, or pip install -r requirements-frameworks.txt"
    )


@functools.cache
def why_no_data(name):
    """Return None when `coursenn.data` can load the data set, else its explanation."""
    from coursenn import data

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the chapter itself will show them
            getattr(data, f"load_{name}")()
    except data.DatasetError as error:
        return str(error)
    return None
