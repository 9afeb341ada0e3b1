"""Pages in HTML: what a student is told, what a person grades, and what became of a class.

A page is one file, without scripts and without anything from elsewhere. Whatever comes from a
submission is escaped, and a browser is told to run nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape as e

from .answers import Answer
from .grader import Part
from .marks import Decisions, Mark, shown_duration, shown_time
from .records import Record

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
STYLE = """
:root { color-scheme: light dark; --line: #767676; --soft: #f2f2f2; --good: #00593f;
  --bad: #93370d; --open: #5b5b5b; background: #fff; color: #1b1b1b; }
@media (prefers-color-scheme: dark) {
  :root { --line: #8c8c8c; --soft: #26282b; --good: #6fd8b4; --bad: #ffab85; --open: #c4c4c4;
    background: #121212; color: #ececec; } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 0 auto;
  padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.2; } h2 { font-size: 1.25rem; margin-top: 2rem; }
h3, h4 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
section { border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .8rem;
  margin: .7rem 0; }
section > :first-child, section > :last-child { margin: 0; }
.total { font-size: 1.3rem; font-weight: 600; }
.good { color: var(--good); } .bad { color: var(--bad); } .open { color: var(--open); }
pre, .message { white-space: pre-wrap; margin: .4rem 0; }
pre { background: var(--soft); padding: .6rem; border-radius: .3rem; font-size: .875rem;
  font-family: ui-monospace, Consolas, monospace; }
summary { cursor: pointer; padding: .3rem 0; }
img { max-width: 100%; height: auto; background: white; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem .3rem 0; text-align: left;
  vertical-align: top; overflow-wrap: normal; }
td.number, th.number { text-align: right; white-space: nowrap; }
"""


def page(title: str, body: Iterable[str]) -> str:
    """Return a page around parts that are HTML already; the title is not."""
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{e(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>",
            *body,
            "</main>\n</body>\n</html>\n",
        ]
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> str:
    """Return a table of texts, escaped; the last columns, that many, hold numbers."""
    right = len(head) - numbers

    def line(tag: str, cells: Sequence[str]) -> str:
        kinds = ["" if i < right else ' class="number"' for i in range(len(cells))]
        scope = ' scope="col"' if tag == "th" else ""
        pairs = zip(kinds, cells, strict=True)
        return f"<tr>{''.join(f'<{tag}{scope}{k}>{e(c)}</{tag}>' for k, c in pairs)}</tr>"

    body = "".join(line("td", row) for row in rows)
    return (
        f'<div class="wide"><table><thead>{line("th", head)}</thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def figure(picture: str, alt: str) -> str:
    """Return a picture, which is a ``data:`` address, with its description."""
    return f'<p><img src="{e(picture)}" alt="{e(alt)}"></p>'


def feedback_page(mark: Mark) -> str:
    """Return what one student is told: points, what failed and why, comments, lateness."""
    result = mark.record.result
    body = [
        f"<h1>{e(mark.record.title)}</h1>",
        f"<p>{e(mark.student)}</p>",
        f'<p class="total">{mark.total:g} of {mark.out_of:g} points</p>',
        *(f"<p>{e(text)}</p>" for text in _about_points(mark)),
        *(f"<p>{e(_sentence(note))}</p>" for note in result.notes),
        "<h2>Task by task</h2>",
        *_by_task(mark),
    ]
    if result.errors:
        body.append("<h2>Errors in your cells</h2>")
        body += [f"<h3>{e(name)}</h3><pre>{e(text)}</pre>" for name, text in result.errors.items()]
    if result.output.strip():
        body.append(_folded("What your cells printed", f"<pre>{e(result.output)}</pre>"))
    if mark.record.answers:
        body.append("<h2>What you handed in</h2>")
        body += [_folded(name, _answer(a)) for name, a in mark.record.answers.items()]
    return page(f"{mark.record.title}: {mark.student}", body)


def hand_page(
    records: Iterable[Record], decisions: Decisions, models: Mapping[str, str] | None = None
) -> str:
    """Return the answers that a person grades, one task after the other.

    Parameters
    ----------
    records : of the class
    decisions : what a person has decided already
    models : the author's answers, with their mark schemes, by the name of the task
    """
    tasks: dict[str, list[str]] = {}
    headings: dict[str, str] = {}
    title = ""
    for record in records:
        title = record.title
        for part in record.result.parts:
            if part.verdict == "open":
                done = decisions.get((record.student, part.name))
                points = "?" if not done or done.points is None else f"{done.points:g}"
                head = f"<h3>{e(record.student)}: {points} of {part.out_of:g}</h3>"
                answer = _answer(record.answers.get(part.name, Answer("")))
                tasks.setdefault(part.name, []).append(f"<section>{head}{answer}</section>")
                headings[part.name] = f"{part.task}: {part.name}" if part.task else part.name
    body = [f"<h1>{e(title)}: graded by a person</h1>"]
    body.append(
        "<p>Write points and comments into the table beside this page. Pictures are those that "
        "a student's notebook had stored; they were not drawn anew.</p>"
    )
    for name, answers in sorted(tasks.items()):
        model = (models or {}).get(name)
        shown = [_folded("The author's answer", f"<pre>{e(model)}</pre>")] if model else []
        body += [f"<h2>{e(headings[name])}</h2>", *shown, *answers]
    return page(f"{title}: graded by a person", body)


def _about_points(mark: Mark) -> list[str]:
    """Return sentences on when it was handed in, what was lost, and what is still open."""
    sentences = []
    rule = mark.rule
    if rule:
        due = rule.due_for(mark.student)
        zone = due.tzinfo
        sentences.append(f"Due {shown_time(due, zone)}. {rule}")
        sentences.append(f"Handed in {shown_time(mark.record.time, zone)}.")
        if late := rule.late(mark.record):
            percent = f"{100 * rule.loss(mark.record):g} %"
            sums = f"{mark.earned:g} points less {percent} are {mark.total:g}."
            if not mark.lost:  # there are no points yet, or lateness costs none
                loses = rule.loss(mark.record) > 0
                sums = f"{percent} of the points are lost." if loses else "No points are lost."
            sentences.append(f"That is {shown_duration(late)} late. {sums}")
    if ids := mark.record.result.ids:
        sentences.append(f"Your task was made from the id {', then '.join(ids)}.")
    if not mark.record.key:
        sentences.append("This is not a final result.")
    elif mark.ungraded:
        sentences.append(f"A person has still to grade: {', '.join(mark.ungraded)}.")
    return sentences


def _sentence(note: str) -> str:
    """Return a note with a capital, and with a full stop unless it is a question."""
    return note[:1].upper() + note[1:] + ("" if note.endswith((".", "?", "!")) else ".")


def _by_task(mark: Mark) -> Iterator[str]:
    """Yield the parts, each below the heading of its task."""
    task = ""
    for part in mark.record.result.parts:
        if part.task and part.task != task:
            yield f"<h3>{e(part.task)}</h3>"
        task = part.task
        yield _part(mark, part)


def _part(mark: Mark, part: Part) -> str:
    points = mark.points(part)
    decision = mark.decisions.get(part.name)
    if points is None:
        kind, word, shown = "open", "not graded yet", "?"
    else:
        full, none = points >= part.out_of, not points
        kind = "good" if full else "bad"
        word = "all points" if full else "no points" if none else "some of the points"
        shown = f"{points:g}"
    tag = "h4" if part.task else "h3"
    gives = f'<span class="{kind}">{shown} of {part.out_of:g}, {word}</span>'
    head = f"<{tag}>{e(part.name)}: {gives}</{tag}>"
    text = []
    if decision and decision.points is not None and part.verdict != "open":
        text.append("A person has decided otherwise than the tests.")
    if part.verdict == "failed" and part.message not in mark.record.result.notes:
        text.append(part.message)
    if decision and decision.comment:
        text.append(decision.comment)
    told = "".join(f'<p class="message">{e(line)}</p>' for line in text)
    return f"<section>{head}{told}</section>"


def _answer(answer: Answer) -> str:
    text = f"<pre>{e(answer.text)}</pre>" if answer.text.strip() else "<p>nothing</p>"
    pictures = [
        figure(f"data:image/png;base64,{picture}", f"Picture {number} of this answer")
        for number, picture in enumerate(answer.pictures, 1)
    ]
    return text + "".join(pictures)


def _folded(title: str, inside: str) -> str:
    return f"<details><summary>{e(title)}</summary>{inside}</details>"
