"""``python -m coursenn doctor``: is this machine ready to read, run and be graded?

Each check looks at one thing and returns a Finding: what was found, and, if that is a fault,
how to mend it. Nothing is changed, and no network is asked.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from . import data, download

ROOT = Path(__file__).parents[1]
OLDEST_PYTHON = (3, 11)
ROOM = 2 * 10**9  # bytes: the environment, the data, and a built book


class Finding(NamedTuple):
    """What a check found.

    Attributes
    ----------
    what : the thing that was looked at, and how it is
    mend : how to mend it; empty if nothing is wrong
    can_wait : whether it mends itself when it is needed, given a network
    """

    what: str
    mend: str = ""
    can_wait: bool = False

    @property
    def is_fault(self) -> bool:
        return bool(self.mend) and not self.can_wait

    def __str__(self) -> str:
        mark = "MEND " if self.is_fault else "later" if self.mend else "ok   "
        return f"{mark} {self.what}" + (f"\n      {self.mend}" if self.mend else "")


def check_python() -> Iterator[Finding]:
    """Is Python new enough?"""
    oldest = ".".join(map(str, OLDEST_PYTHON))
    old = sys.version_info < OLDEST_PYTHON
    yield Finding(
        f"Python {platform.python_version()}, {sys.executable}",
        f"Install Python {oldest} or newer, and make the environment anew." if old else "",
    )


def check_packages(requirements: Path = ROOT / "requirements.txt") -> Iterator[Finding]:
    """Is everything installed that the book, the notebooks and the exercises need?"""
    if not requirements.exists():  # only the package was installed, without the book
        yield Finding(f"NumPy {version('numpy')}; the rest of the book is not here")
        return
    lines = [line.partition("#")[0].strip() for line in requirements.read_text().splitlines()]
    wrong = [text for line in lines if line and line[0] != "-" and (text := _unmet(line))]
    yield Finding(
        "\n      ".join(wrong) or f"all packages of {requirements.name} are installed",
        f"Run: {sys.executable} -m pip install -r {requirements}\n"
        "      For graded exercises alone, less is enough: see exercises/README.md."
        if wrong
        else "",
    )


def _unmet(line: str) -> str:
    """Return what is wrong with a line of requirements; empty if it is met."""
    try:
        from packaging.requirements import Requirement
    except ImportError:
        return "packaging is not installed, so that versions cannot be compared"
    wanted = Requirement(line)
    try:
        found = version(wanted.name)
    except PackageNotFoundError:
        return f"{wanted.name} is not installed"
    met = wanted.specifier.contains(found, prereleases=True)
    return "" if met else f"{wanted.name} {found} is installed, and {wanted.specifier} is needed"


def check_threads() -> Iterator[Finding]:
    """Do matrix products use as many threads as there are processors for them, and no more?"""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
    processors = processors or os.cpu_count() or 1
    if find_spec("threadpoolctl") is None:
        yield Finding(f"{processors} processors; threads are unknown without threadpoolctl")
        return
    from threadpoolctl import threadpool_info  # type: ignore[import-untyped]

    for pool in (p for p in threadpool_info() if p["user_api"] == "blas"):
        threads = pool["num_threads"]
        yield Finding(
            f"{pool['internal_api']} {pool['version']}: {threads} threads, {processors} processors",
            f"Set OMP_NUM_THREADS={processors}: threads that wait for a processor are in each"
            " other's way."
            if threads > processors
            else "",
        )


def check_data() -> Iterator[Finding]:
    """Are MNIST and the wheat seeds on this machine?"""
    for name, files in (("MNIST", data.MNIST.values()), ("wheat seeds", [data.WHEAT_SEEDS])):
        missing = ", ".join(file.name for file in files if not download.is_here(file))
        yield Finding(
            f"{name}: not here: {missing}" if missing else f"{name}: here, and whole",
            "The first chapter that needs them downloads them. Without a network, put them into"
            " a folder and let COURSENN_DATA name it, as README.md says."
            if missing
            else "",
            can_wait=True,
        )


def check_kernel() -> Iterator[Finding]:
    """Does a notebook start in this very Python?"""
    if find_spec("jupyter_client") is None or find_spec("ipykernel") is None:
        mend = f"Run: {sys.executable} -m pip install ipykernel jupyterlab"
        yield Finding("Jupyter has no Python kernel", mend)
        return
    command = [sys.executable, "-m", "jupyter_client.kernelspecapp", "list", "--json"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        specs = json.loads(listed.stdout)["kernelspecs"]
        program = specs["python3"]["spec"]["argv"][0]
    except (ValueError, KeyError, IndexError):
        program = "none"
    ours = program == "python" or _same_python(program)
    yield Finding(
        f"the kernel python3 runs {program}",
        "" if ours else f"Run: {sys.executable} -m ipykernel install --sys-prefix",
    )


def _same_python(program: str) -> bool:
    path = shutil.which(program)
    return path is not None and Path(path).parent == Path(sys.executable).parent


def check_lab() -> Iterator[Finding]:
    """Does JupyterLab show the notebooks' MyST Markdown as the book does?"""
    missing = [m for m in ("jupyterlab", "jupyterlab_myst") if find_spec(m) is None]
    yield Finding(
        f"JupyterLab {version('jupyterlab')} with MyST"
        if not missing
        else f"{' and '.join(missing)} not installed",
        f"Run: {sys.executable} -m pip install 'jupyterlab<4.6' jupyterlab-myst" if missing else "",
    )


def check_disk() -> Iterator[Finding]:
    """Is there room for a build, and may we write here?"""
    free = shutil.disk_usage(Path.cwd()).free
    yield Finding(
        f"{free / 1e9:.1f} GB free in {Path.cwd()}",
        f"Make room: {ROOM / 1e9:.0f} GB are needed." if free < ROOM else "",
    )
    writable = os.access(Path.cwd(), os.W_OK)
    yield Finding(
        f"{Path.cwd()} can{'' if writable else 'not'} be written to",
        "" if writable else "Copy the folder to a place of your own.",
    )


CHECKS: list[Callable[[], Iterator[Finding]]] = [
    check_python,
    check_packages,
    check_threads,
    check_data,
    check_kernel,
    check_lab,
    check_disk,
]


def examine() -> list[Finding]:
    """Return what all checks find, in their order."""
    return [finding for check in CHECKS for finding in check()]
