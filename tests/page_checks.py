"""Open a built page as a reader does, in a browser without a network, and list its faults.

`test_pages.py` applies this to every page of the book, and proves on broken pages that
each check notices what it is for.
"""

import functools
import os
import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit
from urllib.request import url2pathname

IN_THE_PAGE = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
LOCAL = ("file:", "data:", "blob:", "about:")
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
NO_BROWSER = (
    "the pages were not checked, because no browser was found. Install Chromium, Chrome or "
    "Edge (on Debian: apt-get install chromium), or name one in COURSENN_BROWSER"
)


# ---- the browser -------------------------------------------------------------------------


def find_browser() -> str | None:
    """Return the path of a browser of the Chromium family, or None."""
    if named := os.environ.get("COURSENN_BROWSER"):
        return shutil.which(named)
    installed = (shutil.which(name) for name in (*NAMES, *PLACES))
    return next(filter(None, installed), None)


def launch(playwright, path):
    # Chromium refuses to run as root, as in containers, unless its sandbox is off.
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return playwright.chromium.launch(
        executable_path=path, args=["--no-sandbox"] if is_root else []
    )


class Reader:
    """A reader without a network, who notes what goes wrong: use as a context manager."""

    def __init__(self, browser):
        self.problems: list[str] = []
        self.context = browser.new_context(offline=True, viewport=DESKTOP)
        self.context.on("request", self.note_request)
        self.context.on("console", self.note_console)
        self.context.on("weberror", lambda e: self.problems.append(f"script error: {e.error}"))
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)  # milliseconds; a busy machine is slow

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.context.close()

    def note_request(self, request):
        if not request.url.startswith(LOCAL):
            self.problems.append(f"asks the network for {request.url}")

    def note_console(self, message):
        if message.type == "error":
            self.problems.append(f"console: {message.text}")


def problems_of(browser, path: Path) -> list[str]:
    """Return what is wrong with a page, as sentences; an empty list is a sound page."""
    if not path.exists():
        return [f"{path} does not exist"]
    with Reader(browser) as reader:
        reader.page.goto(path.as_uri())
        reader.problems += reader.page.evaluate(IN_THE_PAGE)
        reader.problems += dead_links(reader.page)
        reader.problems += silent_questions(reader.page)
        reader.problems += too_wide_for_a_phone(reader.page)
        return reader.problems


# ---- links -------------------------------------------------------------------------------


def dead_links(page) -> list[str]:
    """Return the links to files or anchors that do not exist; the web is not visited."""
    links = page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href)")
    local = sorted({link for link in links if link.startswith("file:")})
    return [f"dead link: {link}" for link in local if not leads_somewhere(link)]


def leads_somewhere(link: str) -> bool:
    address, anchor = urldefrag(link)
    path = Path(url2pathname(urlsplit(address).path))
    return path.is_file() and (not anchor or unquote(anchor) in anchors(path))


@functools.cache
def anchors(path: Path) -> set[str]:
    return set(re.findall(r"\b(?:id|name)=\"([^\"]+)\"", path.read_text(encoding="utf-8")))


# ---- questions ---------------------------------------------------------------------------


def silent_questions(page) -> list[str]:
    """Answer every question by mouse and by keyboard; return what does not open.

    One option each: they are all alike, and opening one lays out the whole page anew.
    """
    problems = []
    for question in page.locator(".question").all():
        options = question.locator("details")
        problems += closed_after(options.first, "a click", lambda summary: summary.click())
        problems += closed_after(options.last, "Enter", lambda summary: summary.press("Enter"))
    return problems


def closed_after(option, what, act) -> list[str]:
    summary = option.locator("summary")
    act(summary)
    name, is_open = summary.inner_text().strip(), option.evaluate("details => details.open")
    option.evaluate("details => details.open = false")
    return [] if is_open else [f"option {name!r} does not answer {what}"]


# ---- small screens -----------------------------------------------------------------------


def too_wide_for_a_phone(page) -> list[str]:
    """Return what a phone would cut off: the page, or a formula within a line.

    A formula on lines of its own scrolls in its box; one within a line cannot.
    """
    page.set_viewport_size(PHONE)
    width = page.evaluate("document.documentElement.scrollWidth")
    cut = page.evaluate(CUT_FORMULAS)
    page.set_viewport_size(DESKTOP)
    problems = [f"a phone cuts off the formula {formula}" for formula in cut]
    if width > PHONE["width"]:
        problems += [f"scrolls sideways on a phone: {width} pixels wide, not {PHONE['width']}"]
    return problems


CUT_FORMULAS = """() => {
  const folded = [...document.querySelectorAll("details:not([open])")];
  folded.forEach((e) => (e.open = true));
  const hiding = ["toggle-hidden", "stepper-later"];  // of solutions, and of steps to come
  const hidden = hiding.map((name) => [name, [...document.getElementsByClassName(name)]]);
  for (const [name, all] of hidden) all.forEach((e) => e.classList.remove(name));
  const room = (e) => {  // the inside of the block that the formula stands in
    while (getComputedStyle(e).display.startsWith("inline")) e = e.parentElement;
    const style = getComputedStyle(e);
    return e.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  };
  const width = (formula) => formula.getBoundingClientRect().width;
  const cut = [...document.querySelectorAll("span.math mjx-container")]
    .filter((f) => f.checkVisibility())
    .filter((f) => width(f) > room(f.parentElement) + 2)  // pixels of white
    .map((f) => `${f.textContent.trim()}: ${Math.round(width(f) - room(f.parentElement))} pixels`);
  folded.forEach((e) => (e.open = false));
  for (const [name, all] of hidden) all.forEach((e) => e.classList.add(name));
  return cut;
}"""
