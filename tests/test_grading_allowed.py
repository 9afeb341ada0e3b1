"""What a set lets students use: modules of coursenn, Matplotlib, and limits of its own."""

import json
import os
import subprocess
import sys

import grading_demo as demo
import pytest

from coursenn.grading.allowed import PACKAGE, homes_of, modules_of
from coursenn.grading.cells import BadNotebook, read_source, release
from coursenn.grading.checking import checked
from coursenn.grading.grader import grade, release_with_examples
from coursenn.grading.sandbox import Limits, binds_of_fonts, limits_of, why_no_sandbox
from coursenn.grading.session import Session

NEEDS_SANDBOX = pytest.mark.skipif(bool(why_no_sandbox()), reason=why_no_sandbox())
BOTH = pytest.mark.parametrize("sandbox", [pytest.param(True, marks=NEEDS_SANDBOX), False])
ALL_BUT_GRADER = {path.stem for path in PACKAGE.glob("[a-z]*.py")} | {"autodiff", "plotting"}


def notebook(cells=(), **said):
    """Return a notebook whose metadata say this under coursenn."""
    metadata = {"coursenn": said}
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def ran(code: str, *allows: str, sandbox: bool) -> tuple[str, str]:
    """Return what a cell printed, and what it is told that went wrong."""
    with Session(Limits(cell=60, allows=allows), sandbox) as session:
        session.run("cell", code)
    return session.output, session.errors.get("cell", "")


# -- Modules -------------------------------------------------------------------------------


def test_a_module_brings_along_what_it_imports_and_no_more():
    assert modules_of(()) == ()
    assert modules_of(("coursenn.data",)) == ("arrays", "data", "download", "files")
    assert "autodiff" in modules_of(("coursenn.plotting",))
    assert "network" not in modules_of(("coursenn.plotting", "coursenn.training"))


def test_the_whole_package_is_all_but_the_grader():
    assert set(modules_of(("coursenn",))) == ALL_BUT_GRADER


@pytest.mark.parametrize("module", sorted(ALL_BUT_GRADER))
def test_what_a_module_brings_along_is_enough_to_import_it(module):
    modules = modules_of((f"coursenn.{module}",))
    code = f"""
import sys
from coursenn.grading.worker import stand_in_for_coursenn
for name in [name for name in sys.modules if name.startswith("coursenn")]:
    del sys.modules[name]
stand_in_for_coursenn({str(PACKAGE)!r}, {set(modules)!r}, {homes_of(modules)!r})
import coursenn.{module}
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr == ""


@pytest.mark.parametrize("name", ["numpy", "coursenn.grading", "coursenn.missing", "data", ""])
def test_nothing_else_can_be_allowed(name):
    with pytest.raises(ValueError, match=f"cannot allow '{name}'.*coursenn.activations"):
        modules_of((name,))


@BOTH
def test_what_is_allowed_is_found_by_each_way_of_importing_it(sandbox):
    code = """
import coursenn as nn
from coursenn import load_gates
import coursenn.data
from coursenn.arrays import as_rows
print(nn.data is coursenn.data, nn.load_gates is load_gates, nn.one_hot([1], 2))
"""
    assert ran(code, "coursenn.data", sandbox=sandbox) == ("True True [[0. 1.]]\n", "")


@BOTH
@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("from coursenn import mlp", "mlp"),
        ("import coursenn.network", "network"),
        ("from coursenn.network import mlp", "network"),
        ("import coursenn; coursenn.mlp", "mlp"),
        ("from coursenn import autodiff", "autodiff"),
    ],
)
@pytest.mark.parametrize("allowed", [(), ("coursenn.data",)])
def test_what_is_not_allowed_is_not_there(code, name, allowed, sandbox):
    told = f"ImportError: graded work does not have coursenn's {name} here: write it yourself"
    assert told in ran(code, *allowed, sandbox=sandbox)[1]


@BOTH
def test_the_grader_is_never_there(sandbox):
    code = "from coursenn.grading import check\ncheck()\nfrom coursenn.grading import judge"
    assert "cannot import name 'judge'" in ran(code, "coursenn", sandbox=sandbox)[1]


@NEEDS_SANDBOX
def test_in_the_sandbox_nobody_can_read_what_is_not_allowed():
    code = """
import os, sys
for folder, _, files in os.walk("/run"):
    print(*sorted(files), end="; ")
print(os.path.exists(PACKAGE), os.access(sys.modules["coursenn"].__path__[0], os.W_OK))
""".replace("PACKAGE", repr(str(PACKAGE)))
    output, error = ran(code, "coursenn.gradcheck", sandbox=True)
    assert error == ""
    shown = {word.strip(";") for word in output.split() if word.endswith((".py", ".py;"))}
    assert shown == {"worker.py", "wire.py", "arrays.py", "gradcheck.py"}
    assert output.endswith("False False\n")


# -- Matplotlib ----------------------------------------------------------------------------

FIGURE = r"""
import os, warnings
warnings.simplefilter("error")
import matplotlib.pyplot as plt
fig, ax = plt.subplots()
ax.plot([1, 2], label=r"$\sigma(z)$")
ax.set_title("σ, ∂ and ×", fontfamily="sans-serif")
ax.legend()
fig.savefig("figure.png")
plt.show()
print(os.path.getsize("figure.png") > 1000, plt.get_backend())
"""


@NEEDS_SANDBOX
def test_figures_are_drawn_in_the_sandbox_without_a_screen_or_a_warning(tmp_path):
    assert ran(FIGURE, sandbox=True) == ("True agg\n", "")
    style = "from coursenn.plotting import use_book_style\nuse_book_style()\n"
    assert ran(style + FIGURE, "coursenn.plotting", sandbox=True) == ("True agg\n", "")


@NEEDS_SANDBOX
def test_the_list_of_fonts_is_not_made_anew_for_everybody(tmp_path, monkeypatch):
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path))
    assert binds_of_fonts() == []
    code = "import matplotlib.font_manager"
    subprocess.run([sys.executable, "-c", code], env={**os.environ}, check=True)
    (fonts,) = tmp_path.glob("fontlist-*.json")
    assert binds_of_fonts() == ["--ro-bind", str(fonts), f"/tmp/{fonts.name}"]
    code += f"""
import os  # /tmp may hold Python, too
lists = [name for name in os.listdir("/tmp") if name.startswith("fontlist")]
print(lists, os.access("/tmp/{fonts.name}", os.W_OK))
"""
    assert ran(code, sandbox=True) == (f"[{fonts.name!r}] False\n", "")


# -- Limits --------------------------------------------------------------------------------


def test_a_set_may_say_what_it_allows_in_the_metadata_of_its_notebook():
    assert limits_of({}) == limits_of(notebook()) == Limits()
    said = notebook(limits={"cell": 30, "memory": 512}, allows=["coursenn.data"])
    assert limits_of(said) == Limits(cell=30, memory=512, allows=("coursenn.data",))
    assert limits_of(release(said)) == limits_of(said)


@pytest.mark.parametrize(
    ("said", "mistake"),
    [
        ({"limits": {"cpu": 3}}, "there is no limit 'cpu'; there are call, cell"),
        ({"limits": {"allows": 3}}, "there is no limit 'allows'"),
        ({"limits": {"cell": 0}}, "cell should be a number above 0, got 0"),
        ({"limits": {"cell": "9"}}, "cell should be a number above 0, got '9'"),
        ({"limits": {"cell": True}}, "cell should be a number above 0, got True"),
        ({"limits": {"total": float("inf")}}, "total should be a number above 0, got inf"),
        ({"limits": {"cell": float("nan")}}, "cell should be a number above 0, got nan"),
        ({"allows": ["torch"]}, "a set cannot allow 'torch'"),
        ({"allows": "coursenn"}, "should be a list of modules, got 'coursenn'"),
    ],
)
def test_an_author_hears_of_mistakes_in_the_metadata(tmp_path, said, mistake):
    (tmp_path / "set.ipynb").write_text(json.dumps(notebook(**said)))
    with pytest.raises(ValueError, match=mistake):
        read_source(tmp_path / "set.ipynb")


GATES = """\
def gates():
    ### BEGIN SOLUTION
    from coursenn import load_gates
    X, targets = load_gates()
    return X, targets["xor"]
    ### END SOLUTION
"""
GATES_TEST = """\
### BEGIN HIDDEN TESTS
from coursenn import load_gates
from coursenn.grading import compare
def right_gates():
    X, targets = load_gates()
    return X, targets["xor"]
compare(gates, right_gates, lambda rng: (), seed=1)
### END HIDDEN TESTS
"""
LOOP = "def gates():\n    while True: pass"


def set_with_gates(**said):
    return notebook(
        [demo.cell("gates", "answer", GATES), demo.cell("gates-test", "test", GATES_TEST, 3)],
        **said,
    )


def points(source, code=GATES, **options):
    handed_in = release(source)
    handed_in["cells"][0]["source"] = code
    return grade(source, json.dumps(handed_in).encode(), **options).points


@BOTH
def test_a_submission_is_graded_with_what_its_set_allows(sandbox):
    assert points(set_with_gates(allows=["coursenn.data"]), sandbox=sandbox) == 3
    assert points(set_with_gates(), sandbox=sandbox) == 0


def test_what_a_submission_says_of_limits_is_not_believed():
    source, handed_in = set_with_gates(), set_with_gates(allows=["coursenn"])
    data = json.dumps(handed_in).encode()
    assert grade(source, data, sandbox=False).points == 0


def test_the_limits_of_a_set_are_those_of_its_submissions():
    source = set_with_gates(limits={"call": 0.2}, allows=["coursenn.data"])
    result = grade(source, json.dumps(release(source) | {"cells": [
        demo.cell("gates", "answer", LOOP)]}).encode(), sandbox=False)  # fmt: skip
    assert "took too long" in result.parts[0].message


def test_check_allows_what_grading_does(tmp_path):
    released = release_with_examples(set_with_gates(allows=["coursenn.data"]))
    released["cells"][0]["source"] = GATES.replace("### ", "# ").replace("SOLUTION", "")
    (tmp_path / "set.ipynb").write_text(json.dumps(released))
    assert checked(tmp_path / "set.ipynb").parts[0].message == "right so far; hidden tests decide"
    released["metadata"] = {}
    (tmp_path / "set.ipynb").write_text(json.dumps(released))
    assert "does not have coursenn's" in checked(tmp_path / "set.ipynb").parts[0].message


def test_check_of_a_notebook_with_other_limits_ends_in_a_sentence(tmp_path):
    (tmp_path / "set.ipynb").write_text(json.dumps(notebook(allows=["coursenn.grading"])))
    with pytest.raises(BadNotebook, match=r"set\.ipynb: a set cannot allow"):
        checked(tmp_path / "set.ipynb")


def test_limits_can_be_raised_and_not_lowered():
    limits = Limits(cell=30, call=2).at_least(cell=10, call=10)
    assert (limits.cell, limits.call) == (30, 10)
