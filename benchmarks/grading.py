"""How fast a class is graded, and how much memory the grader takes.

    python benchmarks/grading.py            # about ten minutes; rewrites its table
    python benchmarks/grading.py --quick    # a first look; writes nothing

It needs a machine that does nothing else, and bubblewrap. README.md, beside this file, says
what is measured and how, and holds the last table.
"""

import copy
import json
import os
import subprocess
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shared

from coursenn.grading.cells import Notebook, read_source, release
from coursenn.grading.sandbox import why_no_sandbox

SETS = Path(__file__).parents[1] / "exercises"
SET = "backprop"
CLASS, CROWD = 40, 1000  # submissions for the times, and for the memory
SECONDS, SPEEDUP, MEMORY = 1.0, 1.8, 500  # what was to be reached

# A run in a process of its own. The first submission pays for the start of processes and for
# the author's own answers; the time of the others is what a submission costs. A sandbox that is
# killed does not tell its parent what it used of the processor, so we look before it is.
RUN = """
import json, os, resource, sys, time
from contextlib import suppress
from pathlib import Path
from coursenn.grading.cells import read_source
from coursenn.grading.classroom import Task, grade_class, submissions
from coursenn.grading.sandbox import Process
source, folder, results, jobs = sys.argv[1:]
inside = []
def used_by(pid):
    numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(map(used_by, children))
kill = Process.end
def end(process):
    with suppress(OSError):
        inside.append(used_by(process._process.pid))
    kill(process)
Process.end = end
times = []
say = lambda line: times.append((time.perf_counter(), time.process_time() + sum(inside)))
task = Task(read_source(source))
done = grade_class(task, submissions(Path(folder)), Path(results), jobs=int(jobs), say=say)
status = Path("/proc/self/status").read_text()
peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
seconds, processor = [(z - a) / (len(times) - 1) for a, z in zip(times[0], times[-1])]
print(json.dumps([seconds, processor, peak, len(done.failures)]))
"""


def answers_of(source: Notebook) -> list[dict[str, str]]:
    """Return what a class answers: the author's answers, and each wrong one in its place."""
    right = {name: raw["source"] for name, raw in _answers(source)}
    path = SETS / SET / "mutants.py"
    names: dict[str, Any] = {}
    exec(compile(path.read_text("utf-8"), path, "exec"), names)
    return [right] + [right | {cell: code} for _, cell, code, *_ in names["MUTANTS"]]


def _answers(notebook: Notebook) -> list[tuple[str, dict[str, Any]]]:
    marked = [(raw["metadata"].get("nbgrader", {}), raw) for raw in notebook["cells"]]
    return [(marks["grade_id"], raw) for marks, raw in marked if marks.get("solution")]


def hand_in(source: Notebook, folder: Path, number: int) -> None:
    """Write what so many students hand in; no two of them are equal."""
    folder.mkdir()
    students = islice(cycle(answers_of(source)), number)
    for i, answers in enumerate(students):
        notebook = copy.deepcopy(release(source))
        for name, raw in _answers(notebook):
            raw["source"] = answers[name]
        notebook["metadata"]["student"] = i
        (folder / f"student {i:04}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


class Run(NamedTuple):
    """What grading a class took.

    Attributes
    ----------
    seconds : per submission, by the clock
    processor : seconds of the processor per submission, of the grading process and of the
        students'; with several grading processes it is that of the first alone
    peak : of the grading process, in MB
    """

    seconds: float
    processor: float
    peak: float


def run(source: Path, folder: Path, jobs: int) -> Run:
    """Grade a class."""
    with tempfile.TemporaryDirectory() as results:
        command = [sys.executable, "-c", RUN, str(source), str(folder), results, str(jobs)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    *measured, failures = json.loads(done.stdout.splitlines()[-1])
    if failures:
        raise RuntimeError(f"the grader failed on {failures} submissions")
    return Run(*measured)


def table(turns: list[tuple[Run, Run]], peak: float, crowd: int) -> str:
    """Return the four numbers beside what was to be reached."""
    single = float(np.median([one.seconds for one, _ in turns]))
    processor = float(np.median([one.processor for one, _ in turns]))
    ratio = float(np.median([one.seconds / two.seconds for one, two in turns]))
    rows = [
        ["seconds per submission, one process", number(single, single <= SECONDS), f"{SECONDS:g}"],
        ["of the processor", number(processor, processor <= SECONDS), f"{SECONDS:g}"],
        ["two processes are faster by", number(ratio, ratio >= SPEEDUP), f"{SPEEDUP:g}"],
        [f"peak of the grader, {crowd:,} submissions, MB", number(peak, peak <= MEMORY, 0),
         f"{MEMORY}"],
    ]  # fmt: skip
    return shared.markdown_table(["what", "measured", "limit"], rows, left="what")


def number(x: float, reached: bool, decimals: int = 2) -> str:
    text = f"{x:.{decimals}f}"
    return text if reached else f"**{text}**"


def main() -> None:
    parser = shared.new_parser("Measure how fast a class is graded.", rounds=5)
    args = shared.parse(parser, "grading")
    if why := why_no_sandbox():
        sys.exit(why)
    size, crowd = (6, 20) if args.quick else (CLASS, CROWD)
    rounds = 1 if args.quick else args.rounds
    path = SETS / SET / "source" / f"{SET}.ipynb"
    with tempfile.TemporaryDirectory() as place:
        folder, many = Path(place, "class"), Path(place, "crowd")
        hand_in(read_source(path), folder, size)
        hand_in(read_source(path), many, crowd)
        turns = [(run(path, folder, 1), run(path, folder, 2)) for _ in range(rounds)]
        peak = max(run(path, many, jobs).peak for jobs in (1, os.cpu_count() or 2))
    setting = shared.setting(rounds, ["numpy", "joblib"])
    text = f"{table(turns, peak, crowd)}\n\n{setting}"
    print(text)
    if args.readme:
        shared.write_report(args.readme, "grading", text)


if __name__ == "__main__":
    main()
