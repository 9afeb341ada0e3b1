"""The commands: ``python -m coursenn.grading release | check | grade``."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from ..files import whole_file
from .cells import BadNotebook, read_bytes, read_source
from .checking import checked, table
from .grader import Result, grade, preflight, release_with_examples, unreadable
from .sandbox import NoSandbox, why_no_sandbox

WARNING = (
    "NO SANDBOX: what students wrote runs with your rights. It can read, change and send away "
    "every file that you can. Do this only with notebooks that you have read."
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0 if all went well."""
    options = parser().parse_args(arguments)
    try:
        return options.command(options)
    except (BadNotebook, NoSandbox, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(prog="python -m coursenn.grading", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    make = commands.add_parser("release", help="make the students' notebook")
    make.add_argument("source", type=Path, help="the instructor's notebook")
    make.add_argument("out", type=Path, help="the file to write")
    make.set_defaults(command=_release)
    own = commands.add_parser("check", help="for students: what do the tests say so far?")
    own.add_argument("notebook", type=Path, nargs="?", default="")
    own.set_defaults(command=_check)
    judge = commands.add_parser("grade", help="grade notebooks that were handed in")
    judge.add_argument("source", type=Path, help="the instructor's notebook")
    judge.add_argument("results", type=Path, help="a folder for one JSON file per submission")
    judge.add_argument("submissions", type=Path, nargs="+", help="notebooks of different names")
    judge.add_argument("--no-sandbox", action="store_true", help="run students' code unprotected")
    judge.set_defaults(command=_grade)
    return top


def _release(options: argparse.Namespace) -> int:
    notebook = release_with_examples(read_source(options.source))
    _write(options.out, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
    return 0


def _check(options: argparse.Namespace) -> int:
    result = checked(options.notebook if options.notebook != Path() else "")
    print(table(result))
    return int(any(part.verdict == "failed" for part in result.parts))


def _grade(options: argparse.Namespace) -> int:
    sandbox = not options.no_sandbox
    if sandbox and why_no_sandbox():
        raise NoSandbox(f"{why_no_sandbox()}\nStudents' code is not run without it.")
    if not sandbox:
        print(WARNING, file=sys.stderr)
    names = [path.stem for path in options.submissions]
    if doubled := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two submissions have the same name: {', '.join(sorted(doubled))}")
    source = read_source(options.source)
    if problems := preflight(source, sandbox=sandbox):
        raise ValueError("this notebook cannot be used to grade here:\n" + "\n".join(problems))
    options.results.mkdir(parents=True, exist_ok=True)
    for path in options.submissions:
        result = _grade_file(source, path, sandbox)
        _write(options.results / f"{path.stem}.json", _as_json(result))
        print(f"{path.stem}\n{table(result)}\n")
    return 0


def _grade_file(source: dict[str, object], path: Path, sandbox: bool) -> Result:
    try:
        return grade(source, read_bytes(path), sandbox=sandbox)
    except BadNotebook as problem:
        return unreadable(source, str(problem))


def _as_json(result: Result) -> str:
    sums = {"points": result.points, "out_of": result.out_of}
    return json.dumps(sums | asdict(result), indent=1, ensure_ascii=False) + "\n"


def _write(path: Path, text: str) -> None:
    with whole_file(path) as file:
        file.write(text.encode())


if __name__ == "__main__":
    sys.exit(main())
