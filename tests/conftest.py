"""What several files of tests share: the built book, a browser, and the style of figures.

Tests have no deadlines, since machines are shared.
"""

import os
from collections.abc import Iterator

import built_book
import matplotlib.pyplot as plt
import page_checks
import pytest
from hypothesis import settings
from playwright.sync_api import sync_playwright

from coursenn.plotting import use_book_style

settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")


@pytest.fixture(scope="session")
def html():
    """Return the folder of the built book."""
    return built_book.built()


@pytest.fixture(scope="session")
def browser():
    """Return a browser; skip the test where there is none, but in CI there must be one."""
    path = page_checks.find_browser()
    if path is None and os.environ.get("CI"):
        pytest.fail(page_checks.NO_BROWSER)
    if path is None:
        pytest.skip(page_checks.NO_BROWSER)
    with sync_playwright() as playwright:
        browser = page_checks.launch(playwright, path)
        yield browser
        browser.close()


@pytest.fixture
def book_style() -> Iterator[None]:
    """Draw without a screen, in the book's style, and leave no figure and no style behind."""
    plt.switch_backend("agg")
    with plt.rc_context():
        use_book_style()
        yield
    plt.close("all")
