"""What the build mends for readers who listen to a page."""

import sys

from built_book import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from accessible import mend

X = r'<span class="math notranslate nohighlight">\(x\)</span>'


def test_an_empty_heading_of_a_table_is_a_cell():
    assert mend('<th class="head"><p></p></th>') == '<td class="head"><p></p></td>'
    assert mend("<th></th><th>a</th>") == "<td></td><th>a</th>"


def test_a_formula_alone_has_words_before_it_where_a_name_is_needed():
    option = '<span class="sd-summary-text">{}</span>'
    said = '<span class="unseen">Answer: </span>'
    assert mend(option.format(X)) == option.format(said + X)
    assert mend(option.format("It is " + X)) == option.format("It is " + X)
    heading = "<th><p>{}</p></th>"
    assert 'unseen">Formula: </span>' in mend(heading.format(X))
    assert mend(heading.format("push " + X)) == heading.format("push " + X)


def test_the_ids_that_all_boxes_share_are_dropped():
    assert mend('<section id="proof-content">') == "<section>"
    assert mend('<div id="proof">') == "<div>"
    assert mend('<div id="proof-of-novikoff">') == '<div id="proof-of-novikoff">'


def test_a_source_is_an_entry_of_its_list():
    entry = '<div class="citation" id="id2" role="{}">Rosenblatt</div>'
    assert mend(entry.format("doc-biblioentry")) == entry.format("listitem")
