"""Hostile submissions: none harms the machine, the grader or its own other answers."""

import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import grading_demo as demo
import pytest
from test_grading import answered, lost, message

from coursenn.grading import __main__ as commands
from coursenn.grading import sandbox
from coursenn.grading.cells import release
from coursenn.grading.grader import Result, grade
from coursenn.grading.sandbox import CALLS, Died, Limits, Process, filter_program, why_no_sandbox
from coursenn.grading.session import (
    CATCHABLE,
    Session,
    StudentError,
    StudentFunction,
    student_error,
)

if why_no_sandbox():
    pytest.skip(why_no_sandbox(), allow_module_level=True)

FIRST = """\
def first(x):
    ### BEGIN SOLUTION
    return [2 * v for v in x]
    ### END SOLUTION
"""
SECOND = FIRST.replace("first", "second")
TEST = """\
### BEGIN HIDDEN TESTS
from coursenn.grading import compare
compare(NAME, lambda x: [2 * v for v in x], lambda rng: (rng.normal(size=2).tolist(),), seed=1)
### END HIDDEN TESTS
"""
# Two questions, and no NumPy on the student's side: most of a grading's time is its import.
CELLS = [
    demo.cell("first", "answer", FIRST),
    demo.cell("first-test", "test", TEST.replace("NAME", "first"), 3),
    demo.cell("second", "answer", SECOND),
    demo.cell("second-test", "test", TEST.replace("NAME", "second"), 4),
]
SOURCE = {"cells": CELLS, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
RELEASED = release(SOURCE)
POINTS = 7.0
NUMPY = "import numpy as np\n"
HOG = "x = []\nwhile True: x.append(np.zeros(1 << 24))"
RIGHT = "def first(x):\n    return [v + v for v in x]\n"
LIMITS = Limits(cell=1, call=0.7, total=60, memory=768, disk=8)


class Hostile(NamedTuple):
    """Code in place of the answer `first`, and what the student is told of it."""

    name: str
    code: str
    told: str


def body(code: str) -> str:
    """Return a function with this body."""
    return "def first(x):\n" + textwrap.indent(code, "    ")


def result_of(code: str) -> str:
    """Return a function that returns the value of this expression."""
    return body(f"return {code}")


FORGE = """
import gc, json, os, struct
def frame(token, **reply):
    data = json.dumps({"token": token, "warnings": [], "changed": [], **reply}).encode()
    return struct.pack("<I", len(data)) + data
def shout(data):
    for fd in range(64):
        try:
            os.write(fd, data)
        except OSError:
            pass
"""
PASSED = '{"result": [1.0, 2.0]}'

HOSTILE = [
    # Time
    Hostile("endless loop", body("while True:\n    pass"), "took too long and was stopped"),
    Hostile("endless loop in a cell", "while True:\n    pass", "first is not defined"),
    Hostile(
        "endless loop that catches everything",
        body(
            "import time\nwhile True:\n    try: time.sleep(9)\n    except BaseException: pass"
        ),
        "had to be stopped"),
    Hostile(
        "endless loop in C", body("sum(range(10**12))"), "had to be stopped"),
    Hostile(
        "ignored alarm",
        body(
            "import signal as s\ns.signal(s.SIGALRM, s.SIG_IGN)\n"
            "s.signal(s.SIGPROF, s.SIG_IGN)\nwhile True: pass"
        ),
        "had to be stopped"),
    Hostile("sleep", body("import time\ntime.sleep(100)"), "took too long and was stopped"),
    # Processes and threads
    Hostile("fork bomb", body("import os\nwhile True:\n    os.fork()"), "PermissionError"),
    Hostile("fork in a cell", "import os\nos.fork()", "first is not defined"),
    Hostile(
        "shell", body("import subprocess\nsubprocess.run(['/bin/sh', '-c', 'id'])"), "Permission"
    ),
    Hostile(
        "threads",
        body("import threading\nwhile True:\n    threading.Thread(target=print).start()"),
        "can't start new thread",
    ),
    Hostile(
        "another program",
        body("import os\nos.execv('/bin/sleep', ['s', '99'])"),
        ""),
    # The end of the process
    Hostile("exit", body("import os\nos._exit(0)"), "ended the Python process (exit status 0)"),
    Hostile("exit in a cell", "import os\nos._exit(1)", "first is not defined"),
    Hostile("sys.exit", body("import sys\nsys.exit()"), "SystemExit"),
    Hostile("kill itself", body("import os\nos.kill(os.getpid(), 9)"), "SIGKILL"),
    Hostile("kill everything", body("import os\nos.kill(-1, 9)\nos.kill(1, 9)"), ""),
    Hostile("segfault", body("import ctypes\nctypes.string_at(0)"), "SIGSEGV"),
    Hostile("abort", body("import os\nos.abort()"), "SIGABRT"),
    Hostile("stop", body("import os\nos.kill(os.getpid(), 19)"), "had to be"),
    Hostile("closed line", body("import os\nos.closerange(0, 99)"), "ended the Python process"),
    # Memory
    Hostile("memory", NUMPY + body(HOG), "MemoryError"),
    Hostile(
        "memory that stays", NUMPY + HOG, "first is not"
    ),
    Hostile("huge array", NUMPY + result_of("np.zeros((10**6, 10**6))"), "MemoryError"),
    Hostile("large array", NUMPY + result_of("np.zeros((3000, 3000))"), "too large to be sent"),
    Hostile("virtual array", NUMPY + result_of("np.broadcast_to(0, (10**9, 10**9))"), "too large"),
    Hostile("long list", result_of("[0] * 10**6"), "too large to be sent"),
    Hostile("list bomb", body("x = []\nfor _ in range(30):\n    x = [x] * 9\nreturn x"), ""),
    Hostile("list in itself", body("x = []\nx.append(x)\nreturn x"), "nested more than"),
    Hostile("large number", result_of("10**100_000"), ""),
    Hostile("recursion", result_of("first(x)"), "RecursionError"),
    # Lies
    Hostile("nan", result_of("[float('nan')] * 2"), "; got [nan, nan]"),
    Hostile(
        "equal to all",
        "class Evil:\n    __eq__ = __ne__ = __lt__ = __gt__ = __bool__ = lambda *a: True\n"
        "    __array__ = __len__ = lambda *a: 2\n    __iter__ = lambda s: iter([s, s])\n"
        + result_of("Evil()"),
        "your code gave an Evil, where",
    ),
    Hostile(
        "number equal to all",
        "class Evil(float):\n    __eq__ = __ne__ = lambda *a: True\n    __hash__ = None\n"
        + result_of("[Evil(3), Evil(3)]"),
        "should be",
    ),
    Hostile(
        "array equal to all",
        NUMPY + "class Evil(np.ndarray):\n    __eq__ = lambda *a: True\n"
        "    __array_function__ = lambda *a: True\n"
        + result_of("np.zeros(2).view(Evil)"),
        "should be",
    ),
    Hostile(
        "patched numpy",
        NUMPY + "np.allclose = np.isclose = np.array_equal = lambda *a, **k: True\n"
        "np.testing.assert_allclose = print\n" + result_of("x"),
        "should be",
    ),
    Hostile(
        "names of the test replaced",
        "compare = first_test = np = lambda *a, **k: None\n" + result_of("x"),
        "should be",
    ),
    Hostile("passed on stdout", f"print({PASSED!r})\n" + body(f"print({PASSED!r})"), ""),
    Hostile(
        "forged replies",
        FORGE + body("for n in range(99):\n    shout(frame(n, result=True))\nreturn x"),
        "should be",
    ),
    Hostile(
        "a forged reply with the right token",
        FORGE + body(
            "for d in gc.get_objects():\n"
            "    if type(d) is dict and 'token' in d:\n"
            "        shout(frame(d['token'], result=[1, 1]))\nreturn x"
        ),
        "; got [1, 1]",
    ),
    Hostile(
        "a reply of another form",
        FORGE + body(
            "for d in gc.get_objects():\n"
            "    if type(d) is dict and 'token' in d:\n"
            "        shout(frame(d['token'], error=7))\nreturn x"
        ),
        "could not be read (TypeError)",
    ),
    Hostile("garbage", FORGE + body("shout(b'\\xff' * 100)\nreturn x"), "could not be read"),
    Hostile("no reply", FORGE + body("shout(struct.pack('<I', 2) + b'[]')"), "not a reply"),
    Hostile("half a reply", FORGE + body("shout(frame(1)[:9])\nos._exit(0)"), ""),
    # Errors
    Hostile(
        "error without a text",
        "class E(BaseException):\n    def __str__(self): raise self\n" + body("raise E"),
        "E: ",
    ),
    Hostile("interrupt", body("raise KeyboardInterrupt"), "KeyboardInterrupt"),
    Hostile("test failure", body("raise AssertionError('passed')"), "AssertionError: passed"),
    Hostile("surrogate", body("raise ValueError('\\ud800\\x1b[31m')"), "ValueError: ?\ufffd[31m"),
    Hostile("long message", body("raise ValueError('x' * 10**7)"), "ValueError: xxx"),
    Hostile("waiting for input", body("input()"), "nobody does"),
    Hostile("generator", body("while True:\n    yield 1"), "gave a generator, where"),
    # The outside
    Hostile(
        "network",
        body("import socket\nsocket.create_connection(('1.1.1.1', 53), timeout=1)"),
        "Network is unreachable",
    ),
    Hostile("full disk", body("open('/tmp/x', 'wb').write(bytes(10**8))"), "OSError"),
    Hostile("system file", body("open('/usr/evil', 'w')"), "Read-only file system"),
    Hostile("kernel settings", body("open('/proc/sys/kernel/core_pattern', 'a')"), "No such file"),
    Hostile("another user", body("import os\nos.setuid(0)"), ""),
    Hostile("new limits", body(
        "import resource\nresource.setrlimit(resource.RLIMIT_AS, (1 << 40, 1 << 40))"), "",
    ),
    Hostile("mount", body(
        "import ctypes\nr = ctypes.CDLL(None).mount(b'x', b'/box', b'tmpfs', 0, None)\n"
        "return [r, 0]"), "got [-1, 0]",
    ),
    Hostile("user namespace", body(
        "import ctypes\nreturn [ctypes.CDLL(None).unshare(0x10000000), 0]"), "got [-1, 0]",
    ),
]  # fmt: skip


def submitted(code: str, limits: Limits = LIMITS) -> Result:
    data = answered(RELEASED, {"first": code, "second": RIGHT.replace("first", "second")})
    return grade(SOURCE, data, limits=limits)


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
def test_a_hostile_answer_costs_only_its_question(hostile):
    result = submitted(hostile.code)
    assert lost(result) == {"first-test"}
    assert hostile.told in message(result, "first-test")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("while True:\n    pass", "took too long"),
        ("import os\nos._exit(3)", "exit status 3"),
        (NUMPY + HOG, "MemoryError"),
        ("import os\nos.fork()", "PermissionError"),
    ],
)
def test_a_hostile_cell_is_told_what_happened_to_it(code, told):
    assert told in submitted(code).errors["first"]


def test_code_that_dies_again_and_again_is_given_up():
    source = "import os\nos._exit(0)"
    answers = dict.fromkeys(["first", "second"], source)
    limits = Limits(restarts=0)
    result = grade(SOURCE, answered(RELEASED, answers), limits=limits)
    assert result.points == 0
    assert "again and again" in result.errors["second"]


def test_a_notebook_as_a_whole_has_a_time_limit():
    data = answered(RELEASED, {"first": body("while True: pass")})
    start = time.monotonic()
    result = grade(SOURCE, data, limits=Limits(call=30, total=1))
    assert time.monotonic() - start < 20
    assert "the notebook as a whole took too long" in message(result, "second-test")


def test_a_flood_of_output_is_cut_off_and_costs_nothing():
    flood = "for _ in range(2000):\n    print('x' * 50_000)\n" + RIGHT
    result = submitted(flood, Limits(cell=30, disk=8))
    assert result.points == POINTS
    assert 0 < len(result.output) <= LIMITS.output


def test_nothing_of_the_outside_can_be_seen(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "token-of-the-grader")
    (tmp_path / "secret.txt").write_text("other submission")
    package = Path(commands.__file__).parents[1]
    hidden = [tmp_path, demo.__file__, package / "activations.py", package / "grading", "/home"]
    code = f"""
import os, sys
print(dict(os.environ))
print([os.path.exists(path) for path in {[str(path) for path in hidden]!r}])
print("kernel", os.path.exists("/proc"), os.path.exists("/sys"))
print("package", [name for name in sys.modules if name.startswith("coursenn")])
print("writable", [f for f in ("/", "/usr", "/run", "/dev", sys.prefix) if os.access(f, os.W_OK)])
print("user", os.getuid(), os.getgid())
"""
    output = submitted(code).output
    assert "token-of-the-grader" not in output
    assert "[False, False, False, False, False]" in output
    assert "kernel False False" in output
    assert "package ['coursenn', 'coursenn.grading']" in output  # the two stand-ins
    assert "writable []" in output
    assert "user 65534 65534" in output


def test_a_package_installed_beside_python_is_hidden(monkeypatch):
    installed = Path(sys.prefix) / "lib" / "coursenn"
    monkeypatch.setattr(sandbox, "HERE", installed / "grading")
    assert sandbox.binds_of_python()[-2:] == ["--tmpfs", str(installed)]
    monkeypatch.setattr(sandbox, "HERE", Path("/elsewhere/coursenn/grading"))
    assert "--tmpfs" not in sandbox.binds_of_python()


def test_what_is_written_inside_is_gone_afterwards(tmp_path):
    name = f"/tmp/written-{os.getpid()}"
    code = f"open({name!r}, 'w').write('x'); print(open({name!r}).read())"
    assert "x" in submitted(code).output
    assert not os.path.exists(name)


def children() -> set[str]:
    """Return the processes that this one has started and that are still there."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, _, rest = stat.read_text().rpartition(")")
            if rest.split()[1] == str(os.getpid()):
                found.add(name)
    return found


def test_no_process_is_left():
    before = children()
    session = Session(LIMITS)
    with session:
        session.run("a", "x = 1")
        assert children() > before
    submitted(body("while True: pass"))
    assert children() == before


def test_no_thread_and_no_open_file_is_left():
    submitted("")
    gc.collect()
    files, threads = len(os.listdir("/proc/self/fd")), threading.active_count()
    for code in ("import os\nos._exit(0)", body("while True: pass"), "1 / 0"):
        submitted(code)
    assert threading.active_count() == threads
    assert len(os.listdir("/proc/self/fd")) == files


def test_when_the_grader_is_killed_the_student_s_process_ends_too():
    code = """
import sys, time
from coursenn.grading.session import Session
session = Session()
session.run("a", "import os")
print(session._process._process.pid, flush=True)
session.run("b", "while True: pass")
"""
    grader = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    with grader:
        pid = int(grader.stdout.readline())
        assert os.path.exists(f"/proc/{pid}")
        grader.kill()
    for _ in range(100):
        if not os.path.exists(f"/proc/{pid}"):
            break
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{pid}")


# -- As another user -----------------------------------------------------------------------

USER = "20001"


def as_user(command: list[str], folder: Path) -> list[str]:
    """Return the command, to be run by a user who owns nothing but a folder.

    Python, its packages and this project may lie where others may not enter, for instance in
    root's home. They are shown in its place, in a view of the files for this command alone.
    """
    needed = [Path(sys.base_prefix).resolve(), Path(sys.prefix), Path(__file__).parents[1]]
    closed = {
        path: next(p for p in reversed([path, *path.parents]) if not p.stat().st_mode & 1)
        for path in needed
        if any(not p.stat().st_mode & 1 for p in [path, *path.parents])
    }
    lines = ["set -e", "mount --make-rprivate /"]
    for i, path in enumerate(closed):
        lines += [f"mkdir '{folder}/{i}'", f"mount --bind '{path}' '{folder}/{i}'"]
    lines += [f"mount -t tmpfs -o mode=755 none '{path}'" for path in set(closed.values())]
    for i, path in enumerate(closed):
        lines += [f"mkdir -p '{path}'", f"mount --bind '{folder}/{i}' '{path}'"]
    lines += [f'exec setpriv --reuid {USER} --regid {USER} --clear-groups "$@"']
    return ["unshare", "--mount", "sh", "-c", "\n".join(lines), "sh", *command]


@pytest.mark.skipif(os.getuid() != 0, reason="all of this ran as a normal user already")
def test_all_of_this_holds_when_a_normal_user_grades():
    folder = Path(tempfile.mkdtemp())
    try:
        os.chown(folder, int(USER), int(USER))
        trial = subprocess.run(as_user(["true"], folder), capture_output=True, text=True)
        if trial.returncode:
            pytest.skip(f"root cannot become another user here: {trial.stderr}")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        os.chown(folder, int(USER), int(USER))
        tests = [sys.executable, "-B", "-m", "pytest", __file__, "-q", "--basetemp", folder / "t"]
        options = ["-o", "addopts=", "-p", "no:nbval", "-p", "no:cacheprovider", "-p", "no:xdist"]
        environment = {**os.environ, "HOME": str(folder), "MPLCONFIGDIR": str(folder)}
        command = as_user([*map(str, tests), *options], folder)
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
        assert f"{len(HOSTILE)} hostile, user {USER}" in done.stdout
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.skipif(os.getuid() == 0, reason="the test above starts this one as a normal user")
def test_the_user_is_a_normal_one(capfd):
    with capfd.disabled():
        print(f"{len(HOSTILE)} hostile, user {os.getuid()}")
    assert not os.access("/etc/shadow", os.R_OK)


# -- The conversation ----------------------------------------------------------------------


@pytest.fixture
def session():
    with Session(LIMITS) as session:
        yield session


def test_values_and_functions_are_fetched_by_name(session):
    session.run("a", "x = [1, 2.5, 'three']\ndef f(a, *, b=1): return a + b")
    assert session.fetch("x") == [1, 2.5, "three"]
    f = session.fetch("f")
    assert isinstance(f, StudentFunction)
    assert (f.__name__, f(1), f(1, b=2)) == ("f", 2, 3)
    with pytest.raises(NameError):
        session.fetch("missing")


def test_an_exception_is_caught_by_its_class(session):
    session.run("a", "class Own(ValueError): pass\ndef f(): raise Own('text')")
    with pytest.raises(ValueError, match="Own: text") as caught:
        session.call("f")
    assert isinstance(caught.value, StudentError)
    session.run("b", "def f(): raise OSError('text')")
    with pytest.raises(RuntimeError, match="OSError: text"):
        session.call("f")


@pytest.mark.parametrize("base", CATCHABLE)
def test_every_class_can_be_caught(base):
    classes = ["Own", *(c.__name__ for c in base.__mro__)]
    with pytest.raises(base, match="Own: text"):
        raise student_error({"classes": classes, "text": "text", "lines": []})


def test_warnings_of_a_call_are_given_here(session):
    session.run("a", "import warnings\ndef f(): warnings.warn('careful', RuntimeWarning)")
    with pytest.warns(RuntimeWarning, match="careful"):
        session.call("f")


def test_changes_in_place_are_seen_here(session):
    import numpy as np

    session.run("a", "def f(d, rng):\n    d['w'] += 1\n    return rng.normal()")
    w, rng = np.zeros(3), np.random.default_rng(1)
    first = session.call("f", {"w": w}, rng)
    assert np.array_equal(w, np.ones(3))
    assert session.call("f", {"w": w}, rng) != first


def test_after_a_death_earlier_cells_are_run_again_and_the_fatal_one_is_not(session):
    session.run("a", "x = 1")
    session.run("b", "import os\nos._exit(5)")
    session.run("c", "y = x + 1")
    assert session.fetch("y") == 2
    assert "exit status 5" in session.errors["b"]
    session.run("d", "def f(): os._exit(6)\nimport os")
    with pytest.raises(Died, match="exit status 6"):
        session.call("f")
    assert session.fetch("y") == 2


def test_memory_that_a_cell_has_filled_is_there_for_the_next(session):
    session.run("a", NUMPY + HOG)
    assert "MemoryError" in session.errors["a"]
    session.run("b", "y = bytes(1 << 28)")
    assert "b" not in session.errors


def test_a_loop_that_is_stopped_leaves_the_state_alone(session):
    session.run("a", "x = 0\nwhile True:\n    x += 1")
    assert "took too long" in session.errors["a"]
    assert "a, line" in session.errors["a"]
    assert session.fetch("x") > 1000


def test_a_process_that_is_not_asked_for_can_be_ended():
    Process(LIMITS).end()


@pytest.mark.parametrize("machine", CALLS)
def test_the_filter_jumps_to_its_own_end(machine):
    program = filter_program(machine)
    steps = [program[i : i + 8] for i in range(0, len(program), 8)]
    calls = CALLS[machine][1]
    assert len(steps) == 7 + len(calls)
    for i, step in enumerate(steps[5:-2], 5):
        assert i + 1 + step[2] == len(steps) - 1  # a call of the list: to the refusal
    assert 4 + 1 + steps[4][2] == len(steps) - 1
    assert json.dumps(calls)
