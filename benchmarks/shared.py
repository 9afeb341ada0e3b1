"""What the benchmarks share: rounds in which everyone has a turn, and where results go.

Whatever slows the machine for a while should slow everyone. So peers take turns, a
different one first in each round, and ratios are taken within a round.
"""

import argparse
import os
import platform
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from coursenn.arrays import Array
from coursenn.files import whole_file

Stopwatch = Callable[[Callable[[], object]], float]  # do something, and return its seconds
Turn = Callable[[], float]  # work for a while, and return seconds per step


def processor_time(work: Callable[[], object]) -> float:
    """Return seconds on the processor: with one thread, what a machine of its own takes."""
    start = process_time()
    work()
    return process_time() - start


def wall_time(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def alternate(turns: Mapping[str, Turn], rounds: int) -> dict[str, Array]:
    """Let everyone have a turn in every round, and return everyone's seconds, by round."""
    for turn in turns.values():
        turn()  # warm up
    times: dict[str, list[float]] = {name: [] for name in turns}
    names = list(turns)
    for _ in range(rounds):
        names = names[1:] + names[:1]
        for name in names:
            times[name].append(turns[name]())
    return {name: np.array(values) for name, values in times.items()}


@contextmanager
def limited_to(threads: int) -> Iterator[None]:
    """Give everybody the same number of threads, and one thread a processor of its own."""
    from threadpoolctl import threadpool_limits

    if installed("torch"):
        import torch

        torch.set_num_threads(threads)
    pinned = threads == 1 and hasattr(os, "sched_setaffinity")
    allowed = os.sched_getaffinity(0) if pinned else set()
    try:
        if pinned:
            os.sched_setaffinity(0, {max(allowed)})
        with threadpool_limits(threads):
            yield
    finally:
        if pinned:
            os.sched_setaffinity(0, allowed)


def installed(module: str) -> bool:
    return find_spec(module) is not None


def setting(rounds: int, packages: Sequence[str]) -> str:
    """Return a sentence: how many rounds, which machine, and which versions of packages."""
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    return (
        f"Medians of {rounds} rounds on {machine()}; Python {platform.python_version()},"
        f" {versions}."
    )


def machine() -> str:
    """Return how many processors there are, and which."""
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.+)", cpuinfo.read_text()) if cpuinfo.exists() else None
    name = found[1] if found else platform.processor() or platform.machine()
    return f"{os.cpu_count()} cores ({name})"


def ratio_cell(ratio: float, reached: bool = True) -> str:
    """Return a ratio as it stands in a table: in bold if it falls short of its target."""
    text = f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"
    return text if reached else f"**{text}**"


def markdown_table(heads: Sequence[str], rows: Sequence[Sequence[str]], left: str = "") -> str:
    """Return rows as a Markdown table of numbers, but for the column whose head is left."""
    rule = [":--" if head == left else "--:" for head in heads]
    return "\n".join(f"| {' | '.join(row)} |" for row in [heads, rule, *rows])


def around_table(readme: Path, name: str) -> tuple[str, str]:
    """Return what stands before and after the table called name, markers included."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    page = readme.read_text(encoding="utf-8") if readme.exists() else ""
    head, begun, rest = page.partition(begin)
    _, ended, tail = rest.partition(end)
    if not (begun and ended):
        sys.exit(f"{readme} has no lines {begin} and {end} to write the table between")
    return head + begin, end + tail


def write_report(readme: Path, name: str, text: str) -> None:
    """Put text in place of the table called name."""
    before, after = around_table(readme, name)
    with whole_file(readme) as file:
        file.write(f"{before}\n{text}\n{after}".encode())


def new_plot(name: str, figsize: tuple[float, float], columns: int = 1) -> tuple[Any, Any]:
    """Return a Matplotlib figure in the style of the book, to be saved as SVG, and its axes."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    from coursenn.plotting import use_book_style

    use_book_style()
    mpl.rcParams["svg.hashsalt"] = name  # the same names in the file each time
    return plt.subplots(1, columns, figsize=figsize, sharey=True)


def write_plot(path: Path, figure: Any) -> None:
    with whole_file(path) as file:
        figure.savefig(file, format="svg", metadata={"Date": None})


def new_parser(description: str, rounds: int, plot: str = "") -> argparse.ArgumentParser:
    """Return a parser with the options of every benchmark: --rounds, --quick, --readme."""
    parser = argparse.ArgumentParser(
        description=description,
        epilog="What is compared and how, README.md says, beside this program.",
    )
    parser.add_argument("--rounds", type=int, help=f"turns of each peer (default: {rounds})")
    parser.add_argument("--quick", action="store_true", help="few rounds, write nothing")
    parser.add_argument(
        "--readme",
        type=Path,
        help=f"rewrite the table in this file{plot and f', and {plot} beside it'}"
        " (default: README.md beside this program, or nothing if --quick)",
    )
    parser.set_defaults(usual_rounds=rounds)
    return parser


def parse(parser: argparse.ArgumentParser, name: str) -> argparse.Namespace:
    """Return the options, once it is clear that the table called name has a place to go."""
    args = parser.parse_args()
    if args.rounds is None:
        args.rounds = 5 if args.quick else args.usual_rounds
    if args.rounds < 1:
        parser.error("rounds must be at least 1")
    args.readme = args.readme or (None if args.quick else Path(__file__).with_name("README.md"))
    if args.readme:
        around_table(args.readme, name)  # if the place is missing, say so now, not in the end
    return args
