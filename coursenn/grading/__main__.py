"""The commands of grading: ``python -m coursenn.grading --help``."""

import argparse
import json
import sys
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..files import whole_file
from .cells import BadNotebook, cells_of, read_source
from .checking import checked, table
from .collecting import EXAMPLES, PATTERNS, TABLE, collect
from .grader import release_with_examples
from .marks import LateRule, check_decisions, late_rule, read_decisions, write_decisions
from .records import read_record, records
from .sandbox import NoSandbox, why_no_sandbox
from .tables import read_table

WARNING = (
    "NO SANDBOX: what students wrote runs with your rights. It can read, change and send away "
    "every file that you can. Do this only with notebooks that you have read."
)


OVERVIEW = """\
Graded notebooks. Students need check. A teacher writes a notebook in nbgrader's format, which
JupyterLab's Create Assignment makes, and then goes from release to report."""
STEPS = """\
the way of a set, from its author to its feedback:
    python -m coursenn.grading release source/set.ipynb set.ipynb
    python -m coursenn.grading collect moodle.zip submitted --lms moodle
    python -m coursenn.grading grade source/set.ipynb submitted results
    python -m coursenn.grading manual results by_hand.csv --source source/set.ipynb
        (a person fills in points)
    python -m coursenn.grading report results out --manual by_hand.csv
Each command explains itself with --help."""
RELEASE = """\
Make the students' notebook: without what stands between ### BEGIN SOLUTION and ### END SOLUTION,
and between ### BEGIN HIDDEN TESTS and ### END HIDDEN TESTS, and without outputs. The author's
answers are run first, without a sandbox, and must pass all tests."""
CHECK = """\
Run a notebook from top to bottom, and print its points and what the tests in it say. Save it
first. Hidden tests decide later; check says which, and what takes longer here than it may when it
is graded. It ends with 1 if something is wrong."""
COLLECT = f"""\
Take what was handed in out of a folder or a zip file. Of each student the newest notebook is
copied to OUT/STUDENT.ipynb, and OUT/{TABLE} says when it was handed in. What is left out is
listed with the reason. Call it again when more comes in: what is newer replaces what is there."""
GRADE = """\
Grade the notebooks of a class, and write RESULTS/STUDENT.json for each. Students' code runs in
a sandbox without network, files and other processes, which needs bubblewrap and so Linux.
It can be stopped at any time: the next call goes on from there. What has been graded with the
same SOURCE is not graded again. First the author's own answers are graded, and must get all
points.

On a cluster (pip install 'dask[distributed]'), each worker needs coursenn and bubblewrap:
    dask scheduler                       on one machine; it says its address
    dask worker tcp://ADDRESS:8786       on each
    python -m coursenn.grading grade SOURCE SUBMITTED RESULTS --dask tcp://ADDRESS:8786"""
MANUAL = """\
Write the table in which a person grades: a CSV file with a row for each answer that waits for
points. Fill in the columns points and comment, in any spreadsheet. A page beside it shows the
answers with their pictures. Call it again when more has been graded: what is filled in stays.
A row that you add for a part that was tested counts more than the test."""
REPORT = """\
Write into OUT:
    feedback/STUDENT.html   what each student is told: one page, to be sent or uploaded
    gradebook.csv           all points
    class.html              for you: points of each task, and who holds which misconception
Each begun hour, day or week after --due costs the share of the points that --late says; the
feedback states the rule. When things were handed in, SUBMITTED/handed_in.csv says: correct it
there if it is wrong, and call grade again, which takes seconds.

Where a set makes a student's task from an id, the id should stand in the name of the submission,
or in --ids. Whose does not, and who gave the same, is said here and in class.html; it costs no
points."""
GRADEBOOK = """\
Write results into COURSE/gradebook.db and COURSE/autograded, where nbgrader finds them; the set is
called like SOURCE. Points in the table of manual do not get there. To install nbgrader, say in the
folder of the project: make nbgrader, or pip install -r requirements-grading.txt. Then, in COURSE:
    jupyter lab             grade by hand under Nbgrader, Formgrader, Manual Grading
    nbgrader generate_feedback SET
    nbgrader export         all points as a CSV file
Points given in formgrader stay when this is called again. Do that when all are given, if work
may be late: what lateness costs is counted here. To have the points in report too:
    python -m coursenn.grading manual RESULTS TABLE --gradebook COURSE --set SET
Do not use nbgrader's own autograding: it runs students' code without a sandbox. A course that is
made here has it switched off."""
PLATFORMS = "\n".join(
    [
        "what files are called, with --lms",
        *(f"  {name:9} {example}" for name, example in EXAMPLES.items()),
        "",
        "A pattern is a regular expression for the whole path of a notebook, with the groups",
        "student, and maybe id and time. Those of the platforms:",
        *(f"  {name:9} {pattern}" for name, pattern in PATTERNS.items()),
    ]
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0 if all went well."""
    options = parser().parse_args(arguments)
    try:
        return options.command(options)
    except (BadNotebook, NoSandbox, ValueError, OSError, ImportError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; what is done stays", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(
        prog="python -m coursenn.grading",
        description=OVERVIEW,
        epilog=STEPS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    make = commands.add_parser(
        "release",
        help="make the students' notebook",
        description=RELEASE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    make.add_argument("source", type=Path, help="the instructor's notebook")
    make.add_argument("out", type=Path, help="the file to write")
    make.set_defaults(command=_release)
    own = commands.add_parser(
        "check",
        help="for students: what do the tests say so far?",
        description=CHECK,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    own.add_argument(
        "notebook",
        type=Path,
        nargs="?",
        default="",
        help="may be left out where there is one graded notebook in the folder",
    )
    own.set_defaults(command=_check)
    gather = commands.add_parser(
        "collect",
        help="take what was handed in out of a folder or a zip file",
        description=COLLECT,
        epilog=PLATFORMS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    gather.add_argument("download", type=Path, help="a folder or a zip file")
    gather.add_argument("out", type=Path, help="the folder for STUDENT.ipynb")
    how = gather.add_mutually_exclusive_group()
    how.add_argument("--lms", choices=PATTERNS, default="plain", help="the platform (see below)")
    how.add_argument("--pattern", help="a pattern of your own, for the whole path")
    gather.add_argument(
        "--zone",
        type=_zone,
        help="of times in names and zip files, such as Europe/Berlin; by default this machine's",
    )
    gather.set_defaults(command=_collect)
    judge = commands.add_parser(
        "grade",
        help="grade the notebooks of a class",
        description=GRADE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    judge.add_argument("source", type=Path, help="the instructor's notebook")
    judge.add_argument("submitted", type=Path, help="the folder of collect, or one notebook")
    judge.add_argument("results", type=Path, help="the folder for STUDENT.json")
    judge.add_argument("--jobs", type=_positive, help="processes; by default one for each core")
    judge.add_argument(
        "--dask", default="", metavar="ADDRESS", help="of a Dask scheduler: tcp://...:8786"
    )
    judge.add_argument("--no-sandbox", action="store_true", help="run students' code unprotected")
    judge.set_defaults(command=_grade)
    hand = commands.add_parser(
        "manual",
        help="write the table in which a person grades",
        description=MANUAL,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    hand.add_argument("results", type=Path, help="the folder of grade")
    hand.add_argument("table", type=Path, help="the CSV file; what is filled in there stays")
    hand.add_argument(
        "--source", type=Path, help="the instructor's notebook: the page shows its answers too"
    )
    hand.add_argument(
        "--gradebook", type=Path, metavar="COURSE", help="take points from nbgrader's formgrader"
    )
    hand.add_argument("--set", default="", help="its name there, with --gradebook")
    hand.set_defaults(command=_manual)
    tell = commands.add_parser(
        "report",
        help="write feedback, the gradebook, and a page on the class",
        description=REPORT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    tell.add_argument("results", type=Path, help="the folder of grade")
    tell.add_argument("out", type=Path, help="the folder to write to")
    tell.add_argument("--manual", type=Path, metavar="TABLE", help="points given by a person")
    tell.add_argument(
        "--ids",
        type=Path,
        metavar="TABLE",
        help="a CSV file with columns student, id: for sets that make the task from an id",
    )
    _add_lateness(tell)
    tell.set_defaults(command=_report)
    book = commands.add_parser(
        "gradebook",
        help="write results into nbgrader's gradebook",
        description=GRADEBOOK,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    book.add_argument("source", type=Path, help="the instructor's notebook, SET.ipynb")
    book.add_argument("results", type=Path, help="the folder of grade")
    book.add_argument("course", type=Path, help="the course folder of nbgrader")
    _add_lateness(book)
    book.set_defaults(command=_gradebook)
    return top


def _add_lateness(command: argparse.ArgumentParser) -> None:
    command.add_argument("--due", default="", metavar="TIME", help="such as 2026-10-01T23:59+02:00")
    command.add_argument(
        "--late", default="", metavar="RULE", help="such as '10 %% per day, at most 50 %%'"
    )
    command.add_argument(
        "--extensions", type=Path, metavar="TABLE", help="a CSV file with columns student, due"
    )


def _release(options: argparse.Namespace) -> int:
    notebook = release_with_examples(read_source(options.source))
    text = json.dumps(notebook, indent=1, ensure_ascii=False, allow_nan=False)
    _write(options.out, text + "\n")
    print(f"{options.out} is the students' notebook")
    return 0


def _check(options: argparse.Namespace) -> int:
    result = checked(options.notebook if options.notebook != Path() else "")
    print(table(result))
    return int(any(part.verdict == "failed" for part in result.parts))


def _collect(options: argparse.Namespace) -> int:
    pattern = options.pattern or PATTERNS[options.lms]
    done = collect(options.download, options.out, pattern, options.zone)
    for sentence in done.left_out:
        print(sentence)
    copied = [row for row in done.new.values() if not row.problem]
    print(
        f"{_count(len(copied), 'notebook is', 'notebooks are')} new in {options.out}, "
        f"{_count(len(done.left_out), 'file was', 'files were')} left out"
    )
    if any(row.time_from == "date" for row in copied):
        print(f"Times are the dates of the files. If they matter, look at {options.out / TABLE}.")
    return 0


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise argparse.ArgumentTypeError(f"{name} is not a time zone") from None


def _count(n: int, one: str, more: str) -> str:
    return f"{n} {one if n == 1 else more}"


def _grade(options: argparse.Namespace) -> int:
    from .classroom import Task, grade_class, submissions

    sandbox = not options.no_sandbox
    if sandbox and not options.dask and why_no_sandbox():
        raise NoSandbox(f"{why_no_sandbox()}\nStudents' code is not run without it.")
    if not sandbox:
        print(WARNING, file=sys.stderr)
    task = Task(read_source(options.source), sandbox)
    handed_in = submissions(options.submitted)
    handed = _count(len(handed_in), "submission", "submissions")
    print(f"{handed}; what is new is graded, the author's own answers first", flush=True)
    more = {"jobs": options.jobs, "dask": options.dask}
    done = grade_class(task, handed_in, options.results, **more)
    known = f", {done.known} were graded before" if done.known else ""
    print(f"{_count(done.graded, 'submission was', 'submissions were')} graded{known}")
    if options.submitted.is_file():
        print(table(read_record(options.results / f"{handed_in[0].student}.json").result))
    elif done.others:
        print(f"results without a submission, of before: {', '.join(done.others)}")
    for student, failure in done.failures.items():
        print(f"{student}: the grader failed: {failure}", file=sys.stderr)
    return int(bool(done.failures))


def _manual(options: argparse.Namespace) -> int:
    from .pages import hand_page
    from .reporting import write_page

    decisions = read_decisions(options.table) if options.table.exists() else {}
    if options.gradebook:
        from .gradebook import decisions_of

        decisions |= decisions_of(options.gradebook, options.set, options.results)
    check_decisions(decisions, records(options.results))
    page = options.table.with_suffix(".html")
    cells = cells_of(read_source(options.source)) if options.source else []
    models = {cell.name: cell.text for cell in cells if cell.by_hand}
    write_page(page, hand_page(records(options.results), decisions, models))
    waiting = write_decisions(options.table, records(options.results), decisions)
    print(f"{_count(waiting, 'answer waits', 'answers wait')} for points in {options.table}")
    print(f"{page} shows the answers, with their pictures")
    return 0


def _rule(options: argparse.Namespace) -> LateRule | None:
    if (options.late or options.extensions) and not options.due:
        raise ValueError("--late and --extensions need --due: late for what?")
    return late_rule(options.due, options.late, options.extensions) if options.due else None


def _gradebook(options: argparse.Namespace) -> int:
    from .gradebook import fill_gradebook

    source, name = read_source(options.source), options.source.stem
    count = fill_gradebook(options.course, source, name, options.results, _rule(options))
    print(f"{_count(count, 'student', 'students')} in {options.course / 'gradebook.db'}")
    return 0


def _report(options: argparse.Namespace) -> int:
    from .reporting import open_ends, report

    rule = _rule(options)
    decisions = read_decisions(options.manual) if options.manual else {}
    ids = _known_ids(options.ids) if options.ids else None
    counted = report(options.results, options.out, decisions, rule, ids)
    for sentence in open_ends(counted):
        print(sentence)
    print(
        f"{_count(len(counted.totals), 'student', 'students')} in {options.out}: gradebook.csv, "
        "class.html, and a page for each in feedback"
    )
    return 0


def _known_ids(path: Path) -> dict[str, str]:
    return {row["student"]: row["id"] for row in read_table(path, ("student", "id")) if row["id"]}


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    return int(text)


def _write(path: Path, text: str) -> None:
    with whole_file(path) as file:
        file.write(text.encode())


if __name__ == "__main__":
    sys.exit(main())
