"""Open a built page as a reader does, in a browser without a network, and list its faults.

`test_pages.py` applies this to every page of the book, and proves on broken pages that
each check notices what it is for.
"""

import functools
import os
import re
import shutil
from importlib import resources
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit
from urllib.request import url2pathname

IN_THE_PAGE = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
LOCAL = ("file:", "data:", "blob:", "about:")
PHONE = {"width": 390, "height": 844}
SMALLEST = {"width": 320, "height": 640}  # also 1,280 pixels at 400 %, as WCAG 1.4.10 asks
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


def barriers_of(browser, path: Path) -> list[str]:
    """Return what keeps readers with other eyes, hands or screens out of a page."""
    with Reader(browser) as reader:
        reader.page.goto(path.as_uri())
        reader.page.evaluate("window.MathJax?.startup?.promise?.then(() => 0)")
        reader.problems += cut_off_on_the_smallest_screen(reader.page)
        reader.problems += inaccessible(reader.page)  # last: it leaves only a part of the page
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


# Nothing else is laid out anew at each answer.
ALONE = "article section > :not(section, .question), aside, header, footer { display: none }"


def silent_questions(page) -> list[str]:
    """Give every answer to every question, by mouse and by keyboard, and read what it says."""
    style = page.add_style_tag(content=ALONE)
    options = page.locator(".question details").all()
    problems = [problem for option in options for problem in silent(option)]
    style.evaluate("style => style.remove()")
    return problems


def silent(option) -> list[str]:
    summary, problems = option.locator("summary"), []
    name = summary.inner_text().strip()
    for what, act in (("a click", summary.click), ("Enter", lambda: summary.press("Enter"))):
        act()
        said = option.inner_text().strip().removeprefix(name).strip()
        if not option.evaluate("details => details.open"):
            problems.append(f"option {name!r} does not answer {what}")
        elif not said.startswith(("Right. ", "Not quite. ")):
            problems.append(f"option {name!r} does not say whether it is right: {said[:40]!r}")
        option.evaluate("details => details.open = false")
    return problems


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


def cut_off_on_the_smallest_screen(page) -> list[str]:
    """Return what does not fit and is in no box that scrolls, with all foldings open."""
    page.set_viewport_size(SMALLEST)
    width = page.evaluate("document.documentElement.scrollWidth")
    cut = page.evaluate(CUT_OFF, SMALLEST["width"])
    page.set_viewport_size(DESKTOP)
    problems = [f"{SMALLEST['width']} pixels cut off {what}" for what in cut]
    if width > SMALLEST["width"]:
        problems += [f"scrolls sideways at {SMALLEST['width']} pixels: {width} wide"]
    return problems


CUT_OFF = """(width) => {
  const folded = [...document.querySelectorAll("details:not([open])")];
  folded.forEach((e) => (e.open = true));
  const hiding = ["toggle-hidden", "stepper-later"];
  const hidden = hiding.map((name) => [name, [...document.getElementsByClassName(name)]]);
  for (const [name, all] of hidden) all.forEach((e) => e.classList.remove(name));
  const isInside = (e) => {
    const box = e.getBoundingClientRect();
    return box.left >= -1 && box.right <= width + 1;
  };
  const scrolls = (e) => {
    if (e === document.body) return false;
    const style = getComputedStyle(e);
    const isBox = !["inline", "table"].includes(style.display);
    if (isBox && /auto|scroll/.test(style.overflowX) && isInside(e)) return true;
    return scrolls(e.parentElement);
  };
  const inFormulas = "svg, mjx-assistive-mml, mjx-assistive-mml *, svg *";
  // The theme keeps the page's contents beside the screen until they are asked for.
  const unseen = "dialog, .bd-sidebar-secondary, .unseen, .stepper-live, table.stepper thead";
  const cut = [...document.querySelectorAll(`main :not(${inFormulas})`)]
    .filter((e) => !e.closest(unseen) && !isInside(e) && e.checkVisibility() && e.clientHeight)
    .filter((e) => !scrolls(e.parentElement))
    .map((e) => `${e.tagName.toLowerCase()}.${e.className}: ${e.textContent.trim().slice(0, 40)}`);
  folded.forEach((e) => (e.open = false));
  for (const [name, all] of hidden) all.forEach((e) => e.classList.add(name));
  return cut;
}"""


# ---- accessibility -----------------------------------------------------------------------

AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
COLOURS = ["color-contrast", "link-in-text-block"]  # what else there is has no colour


def inaccessible(page) -> list[str]:
    """Return what axe-core finds, in light and in dark; no rule of it is switched off."""
    page.evaluate(AXE)
    page.evaluate(THIN_OUT)
    return [
        *violations(page, "light"),
        *violations(page, "dark", runOnly=COLOURS),
    ]


def violations(page, theme, **options) -> list[str]:
    html = "theme => Object.assign(document.documentElement.dataset, {theme, mode: theme})"
    page.evaluate(html, theme)
    # Without preload: it fetches the style sheets, which browsers forbid for file://, and no
    # rule but an experimental one reads them.
    options |= {"resultTypes": ["violations"], "preload": False}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{theme}: {rule['help']} ({rule['id']}): {node['html'][:120]} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


# A page has 20,000 elements, most of them the strokes of formulas and the words of code. The
# drawing of a formula is hidden from screen readers, and axe has no rule on MathML; words of
# code of one kind have one colour. Without them, axe takes seconds and not minutes.
THIN_OUT = """() => {
  for (const e of document.querySelectorAll("mjx-container svg")) e.replaceChildren();
  for (const e of document.querySelectorAll("mjx-assistive-mml math")) e.textContent += "";
  const kinds = new Set();
  for (const word of document.querySelectorAll(".highlight pre span")) {
    const place = word.closest("div:not(.highlight)").className;
    const box = word.closest(".admonition")?.className;
    const kind = [place, box, word.className, word.style.cssText].join();
    if (kinds.has(kind)) word.replaceWith(...word.childNodes);
    else kinds.add(kind);
  }
  const still = document.createElement("style"); // colours change at once, not in half a second
  still.textContent = "* { transition: none !important; }";
  document.head.append(still);
}"""
