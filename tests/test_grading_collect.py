"""Collecting: the newest of everybody, whatever the names, and nothing that does harm."""

import io
import os
import stat
import unicodedata
import zipfile
import zlib
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursenn.grading import __main__ as commands
from coursenn.grading.collecting import (
    EXAMPLES,
    PATTERNS,
    TABLE,
    as_time,
    collect,
    compiled_pattern,
    files_of,
    read_handed_in,
    time_in_name,
)
from coursenn.grading.naming import MAX_BYTES, clean_name, shown

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
PLAIN = PATTERNS["plain"]
needs_links = pytest.mark.skipif(os.name == "nt", reason="Windows lets few people make links")


def put(folder: Path, name: str, text: str = "{}", minutes: float = 0) -> Path:
    """Write a file that was handed in this long after noon."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    time = (NOON + timedelta(minutes=minutes)).timestamp()
    os.utime(path, (time, time))
    return path


def packed(path: Path, *files: tuple[str, bytes], link: str = "", method: int = 8) -> Path:
    """Write a zip file; the name of its link, if it has one, is ``link``."""
    with zipfile.ZipFile(path, "w") as archive:
        for number, (name, data) in enumerate(files):
            member = zipfile.ZipInfo(name, (2026, 10, 1, 12, number % 60, 0))
            member.compress_type = method
            member.external_attr = (stat.S_IFLNK if name == link else 0) << 16
            archive.writestr(member, data)
    return path


def contents(out: Path) -> dict[str, str]:
    return {path.stem: path.read_text("utf-8") for path in out.glob("*.ipynb")}


@pytest.fixture
def places(tmp_path) -> tuple[Path, Path]:
    """Return where the download is, and where the submissions go."""
    (tmp_path / "download").mkdir()
    return tmp_path / "download", tmp_path / "submitted"


# -- Whose it is, and which one counts -----------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "path", "student"),
    [
        ("plain", "ada.ipynb", "ada"),
        ("plain", "ada/set.ipynb", "ada"),
        ("plain", "ada/set/set.ipynb", "ada"),
        ("moodle", "Ada Lovelace_12_assignsubmission_file_/set.ipynb", "Ada Lovelace_12"),
        ("moodle", "Ada Lovelace_12_assignsubmission_file/a/b.ipynb", "Ada Lovelace_12"),
        ("moodle", "Ada Lovelace_12_assignsubmission_file_set.ipynb", "Ada Lovelace_12"),
        ("canvas", "lovelaceada_LATE_47_98_set-1.ipynb", "lovelaceada_47"),
        ("canvas", "lovelaceada_47_98_my_set.ipynb", "lovelaceada_47"),
        ("nbgrader", "set_ada_l_attempt_2026-10-01-23-59-00_x.ipynb", "ada_l"),
    ],
)
def test_names_of_learning_platforms_are_understood(places, platform, path, student):
    download, out = places
    put(download, path)
    assert list(collect(download, out, PATTERNS[platform]).new) == [student]
    assert list(contents(out)) == [student]


@pytest.mark.parametrize(
    ("platform", "path", "student"),
    [
        ("moodle", "Eve_13_assignsubmission_file_Ada_12_assignsubmission_file_.ipynb", "Eve_13"),
        ("canvas", "eve_13_98_ada_12_99_set.ipynb", "eve_13"),
        ("nbgrader", "s_eve_attempt_2026-10-02-00-00-00_s_ada_attempt_2026-09-01-00-00-00_.ipynb",
         "eve"),
    ],
)  # fmt: skip
def test_nobody_hands_in_under_another_name_or_time(places, platform, path, student):
    download, out = places
    put(download, path)
    (row,) = collect(download, out, PATTERNS[platform]).new.values()
    assert row.student == student
    assert row.time != datetime(2026, 9, 1, tzinfo=UTC)


def test_the_help_gives_examples_that_fit():
    for platform, examples in EXAMPLES.items():
        for example in examples.split(", "):
            assert compiled_pattern(PATTERNS[platform]).fullmatch(example), example


def test_the_newest_is_kept_and_the_others_are_named(places):
    download, out = places
    put(download, "ada/old.ipynb", "old", 1)
    put(download, "ada/new.ipynb", "new", 3)
    put(download, "ada/middle.ipynb", "middle", 2)
    put(download, "bob/set.ipynb", "bob")
    result = collect(download, out)
    assert contents(out) == {"ada": "new", "bob": "bob"}
    assert sorted(result.left_out) == [
        "ada: ada/middle.ipynb: ada/new.ipynb is newer",
        "ada: ada/old.ipynb: ada/new.ipynb is newer",
    ]
    rows = read_handed_in(out)
    assert rows["ada"].time == NOON + timedelta(minutes=3)
    assert (rows["ada"].time_from, rows["ada"].file) == ("date", "ada/new.ipynb")


def test_of_two_at_the_same_time_it_is_said_which_one_counts(places):
    download, out = places
    put(download, "ada/a.ipynb", "a")
    put(download, "ada/b.ipynb", "b")
    result = collect(download, out)
    assert contents(out) == {"ada": "b"}
    assert result.left_out == ["ada: ada/a.ipynb: ada/b.ipynb is of the same time, and was taken"]


def test_a_later_call_adds_and_replaces_what_is_newer(places):
    download, out = places
    put(download, "ada.ipynb", "first", 5)
    put(download, "bob.ipynb", "bob", 5)
    assert set(collect(download, out).new) == {"ada", "bob"}
    assert collect(download, out).new == {}
    put(download, "ada.ipynb", "second", 9)
    put(download, "bob/late.ipynb", "older", 1)
    put(download, "eve.ipynb", "eve", 2)
    result = collect(download, out)
    assert set(result.new) == {"ada", "eve"}
    assert contents(out) == {"ada": "second", "bob": "bob", "eve": "eve"}
    assert result.left_out == ["bob: bob/late.ipynb: bob.ipynb is newer"]
    (out / "bob.ipynb").unlink()
    assert set(collect(download, out).new) == {"bob"}


def test_a_time_in_the_name_counts_more_than_the_date_of_the_file(places):
    download, out = places
    name = "set_ada_attempt_2026-10-01-{}-00-00_set.ipynb"
    put(download, name.format("20"), "later", minutes=0)
    put(download, name.format("08"), "earlier", minutes=60)
    collect(download, out, PATTERNS["nbgrader"], ZoneInfo("Europe/Berlin"))
    assert contents(out) == {"ada": "later"}
    row = read_handed_in(out)["ada"]
    assert (row.time, row.time_from) == (datetime(2026, 10, 1, 18, tzinfo=UTC), "name")


def test_times_that_are_none_are_not_made_up():
    assert time_in_name("2026-13-01-00-00-00", UTC) is None
    assert time_in_name("2026-10-01", UTC) is None
    assert time_in_name("2026-10-01-23-59-00", UTC) == datetime(2026, 10, 1, 23, 59, tzinfo=UTC)
    with pytest.raises(ValueError, match=r"table\.csv: tomorrow is not a time"):
        as_time("tomorrow", "table.csv")


def test_dates_in_a_zip_file_are_of_the_zone_that_is_named(places):
    download, out = places
    file = packed(download / "all.zip", ("ada.ipynb", b"{}"))
    collect(file, out, PLAIN, ZoneInfo("America/New_York"))
    assert read_handed_in(out)["ada"].time == datetime(2026, 10, 1, 16, tzinfo=UTC)


def test_a_zip_file_and_a_folder_give_the_same(places):
    download, out = places
    files = [(f"{name}/set.ipynb", name.encode()) for name in ("ada", "bob", "Änne")]
    for name, data in files:
        put(download / "all", name, data.decode())
    collect(packed(download / "all.zip", *files), out / "zip")
    collect(download / "all", out / "folder")
    assert (
        contents(out / "zip") == contents(out / "folder") == {n: n for n in ("ada", "bob", "Änne")}
    )


# -- What does not fit ---------------------------------------------------------------------


def test_a_pattern_that_names_nobody_is_refused(places):
    download, out = places
    put(download, "ada.ipynb")
    with pytest.raises(ValueError, match="not a regular expression"):
        collect(download, out, "(")
    with pytest.raises(ValueError, match=r"no group \(\?P<student>"):
        collect(download, out, ".*")
    with pytest.raises(ValueError, match=r"no notebook .* --pattern .*:\n    ada\.ipynb"):
        collect(download, out, PATTERNS["moodle"])
    assert not out.exists()


@pytest.mark.parametrize("platform", ["moodle", "canvas", "nbgrader"])
def test_the_names_of_a_platform_are_not_taken_for_those_of_students(places, platform):
    download, out = places
    put(download, EXAMPLES[platform])
    put(download, "notes.txt")
    with pytest.raises(ValueError, match=f"called as by {platform}: say --lms {platform}"):
        collect(download, out)
    assert not out.exists()
    put(download, "ada.ipynb")
    assert len(collect(download, out).new) == 2


def test_a_folder_around_all_is_not_taken_for_a_student(places):
    download, out = places
    for name in ("ada", "bob", "eve"):
        put(download, f"submissions/{name}.ipynb")
    with pytest.raises(ValueError, match="all 3 notebooks would be from one student, submissions"):
        collect(download, out)
    collect(download, out, r"submissions/(?P<student>[^/]+)\.ipynb")
    assert set(contents(out)) == {"ada", "bob", "eve"}


def test_what_is_neither_a_folder_nor_a_zip_file_is_refused(places):
    download, out = places
    with pytest.raises(ValueError, match="neither a folder nor a zip file"):
        collect(put(download, "ada.txt"), out)
    with pytest.raises(FileNotFoundError):
        collect(download / "missing", out)


def test_other_files_are_named_and_litter_is_not(places):
    download, out = places
    for name in ("ada.ipynb", "ada/photo.jpg", "__MACOSX/._ada.ipynb", ".DS_Store",
                 ".ipynb_checkpoints/ada-checkpoint.ipynb", "bob/._set.ipynb"):  # fmt: skip
        put(download, name)
    assert collect(download, out).left_out == ["ada/photo.jpg: it is not a notebook"]
    assert list(contents(out)) == ["ada"]


def test_names_that_differ_in_capitals_alone_do_not_share_a_file(places):
    download, out = places
    files = ("Ada.ipynb", b"A"), ("ada.ipynb", b"a"), ("bob.ipynb", b"b")
    result = collect(packed(download / "all.zip", *files), out)
    assert len(contents(out)) == 2
    assert result.left_out == [
        "Ada: Ada.ipynb: the name differs from ada in small and large letters alone"
    ]


# -- What does harm ------------------------------------------------------------------------


@needs_links
def test_links_pipes_and_folders_are_refused(places):
    download, out = places
    secret = put(download.parent, "solution.ipynb", "secret")
    (download / "ada.ipynb").symlink_to(secret)
    (download / "bob").symlink_to(download.parent, target_is_directory=True)
    (download / "eve.ipynb").mkdir()
    os.mkfifo(download / "fifo.ipynb")
    put(download, "ok.ipynb", "ok")
    result = collect(download, out)
    assert contents(out) == {"ok": "ok"}
    assert "bob: it is not a notebook" in result.left_out
    assert "ada: ada.ipynb: the file is a link; hand in the notebook itself" in result.left_out
    assert "fifo: fifo.ipynb: this is not a regular file" in result.left_out


@needs_links
def test_a_student_whose_file_is_refused_is_not_forgotten(places):
    download, out = places
    (download / "ada.ipynb").symlink_to("/etc/passwd")
    assert collect(download, out).new["ada"].problem.startswith("the file is a link")
    assert read_handed_in(out)["ada"].problem.startswith("the file is a link")
    put(download, "ada/mended.ipynb", "mended", minutes=-600)
    collect(download, out)
    assert contents(out) == {"ada": "mended"}
    assert read_handed_in(out)["ada"].problem == ""


def test_an_older_file_counts_if_the_newest_cannot_be_read(places):
    download, out = places
    put(download, "ada/small.ipynb", "small", 1)
    put(download, "ada/large.ipynb", "x" * (20 * 2**20 + 1), 2)
    result = collect(download, out)
    assert contents(out) == {"ada": "small"}
    (sentence,) = result.left_out
    assert "ada/large.ipynb: the file has 20 MB, and 20 MB is the limit: clear" in sentence


@pytest.mark.parametrize(
    "name",
    ["/etc/ada.ipynb", "../ada.ipynb", "a/../../ada.ipynb", "C:\\ada.ipynb", "..\\ada.ipynb"],
)
def test_a_zip_file_cannot_point_outside(places, name):
    download, out = places
    result = collect(packed(download / "all.zip", (name, b"{}"), ("bob.ipynb", b"{}")), out)
    assert list(contents(out)) == ["bob"]
    assert "leads out of the download" in result.left_out[0]
    assert sorted(path.name for path in download.parent.iterdir()) == ["download", "submitted"]


def test_a_link_in_a_zip_file_is_refused(places):
    download, out = places
    files = ("ada.ipynb", b"/etc/passwd"), ("bob.ipynb", b"{}")
    result = collect(packed(download / "all.zip", *files, link="ada.ipynb"), out)
    assert list(contents(out)) == ["bob"]
    assert result.left_out == ["ada: ada.ipynb: it is a link; hand in the notebook itself"]


def test_bombs_are_not_unpacked(places):
    download, out = places
    files = [("big.ipynb", bytes(30 << 20)), ("bomb.ipynb", bytes(15 << 20)), ("ok.ipynb", b"{}")]
    result = collect(packed(download / "all.zip", *files), out)
    assert list(contents(out)) == ["ok"]
    assert any("it has 30 MB, and 20 MB is the limit" in text for text in result.left_out)
    assert "bomb: bomb.ipynb: it unpacks to a suspicious size" in result.left_out


def test_a_notebook_that_packs_well_is_no_bomb(places):
    download, out = places
    text = b"".join(b'{"output": %d, "text": "0.%d"}, ' % (i, i * i) for i in range(90_000))
    assert len(text) / len(zlib.compress(text)) > 4
    collect(packed(download / "all.zip", ("ada.ipynb", text)), out)
    assert (out / "ada.ipynb").read_bytes() == text


def test_files_that_overlap_are_refused(places):
    download, out = places
    file = packed(download / "all.zip", *((f"s{i}.ipynb", os.urandom(5000)) for i in range(3)))
    data = bytearray(file.read_bytes())
    entry = -1
    for _ in range(3):  # all entries of the directory say that they are the whole file
        entry = data.index(b"PK\x01\x02", entry + 1)
        data[entry + 20 : entry + 24] = (len(data) - 100).to_bytes(4, "little")
    file.write_bytes(data)
    with pytest.raises(ValueError, match="overlap"):
        collect(file, out)


def test_broken_encrypted_and_odd_files_of_a_zip_file_cost_only_themselves(places):
    download, out = places
    names = ["broken", "encrypted", "odd", "ok"]
    file = packed(download / "all.zip", *((f"{n}.ipynb", b'{"cells": []}' * 9) for n in names))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("lzma.ipynb", "{}")
    data = bytearray(file.read_bytes())
    data[data.index(b"broken.ipynb") + 15] ^= 0xFF
    for name, offset, value in [(b"encrypted", 8, 1), (b"odd", 38, 0)]:
        entry = data.rindex(name + b".ipynb") - 46
        data[entry + offset] |= value
    entry = data.rindex(b"odd.ipynb") - 46
    data[entry + 38 : entry + 42] = (stat.S_IFIFO << 16).to_bytes(4, "little")
    file.write_bytes(data)
    result = collect(file, out)
    assert list(contents(out)) == ["ok"]
    told = "\n".join(result.left_out)
    for sentence in ("broken.ipynb: it cannot be unpacked", "encrypted.ipynb: it is encrypted",
                     "odd.ipynb: it is not a regular file",
                     "lzma.ipynb: it is packed in an unusual way"):  # fmt: skip
        assert sentence in told


def test_a_cut_zip_file_ends_in_a_sentence(places):
    download, out = places
    file = packed(download / "all.zip", ("ada.ipynb", b"{}" * 999))
    file.write_bytes(file.read_bytes()[:-30])
    with pytest.raises(ValueError, match="neither a folder nor a zip file"):
        collect(file, out)


def test_files_are_written_whole_or_not_at_all(places, monkeypatch):
    download, out = places
    put(download, "ada.ipynb", "old", 1)
    collect(download, out)
    put(download, "ada.ipynb", "new", 2)

    def full(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr("coursenn.files.os.fsync", full)
    with pytest.raises(OSError, match="full"):
        collect(download, out)
    assert contents(out) == {"ada": "old"}
    assert sorted(path.name for path in out.iterdir()) == ["ada.ipynb", TABLE]


# -- Names ---------------------------------------------------------------------------------

HOSTILE = [
    "..", "../../etc/passwd", "a/b", "a\\b", "-rf", "=1+1", "@sum", "a\nb", "a\0b", "\x1b[31m",
    "CON", "nul.txt", "<script>", "&amp;", "x" * 500, "", " ", ".", "\u202etxt", "\ud800", "a.",
    "$(id)", "`id`", "a;b", "ä" * 300, '"', "%s", "{}", "~",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_becomes_a_plain_one(tmp_path, name):
    clean = clean_name(name)
    assert clean[0].isalnum()
    assert set(clean) <= set(" .'@-_") | {c for c in clean if c.isalnum()}
    assert ".." not in clean
    assert len(clean.encode()) <= MAX_BYTES + 9
    assert clean != name
    (tmp_path / f"{clean}.ipynb").write_text("")
    assert [path.stem for path in tmp_path.iterdir()] == [clean]


@pytest.mark.parametrize(
    "name", ["ada", "Ada Lovelace_1234", "O'Brien", "ada.l@uni.de", "Änne", "李"]
)
def test_a_plain_name_stays(name):
    assert clean_name(name) == name


@given(st.text(), st.text())
def test_different_names_stay_different(first, second):
    same = clean_name(first) == clean_name(second)
    assert same == (_composed(first) == _composed(second))


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())


def test_hostile_names_in_a_download_stay_in_the_folder(places):
    download, out = places
    names = [name for name in HOSTILE if "\0" not in name and "\ud800" not in name]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(f"x_{name}_1_assignsubmission_file_/set.ipynb", "{}")
    (download / "all.zip").write_bytes(buffer.getvalue())
    result = collect(download / "all.zip", out, PATTERNS["moodle"])
    assert sorted(path.name for path in download.parent.iterdir()) == ["download", "submitted"]
    assert all(path.is_file() for path in out.iterdir())
    assert set(contents(out)) == set(result.new)
    assert not any(c in text for text in result.left_out for c in "\n\x1b")
    assert read_handed_in(out) == result.new


def test_a_name_is_shown_in_one_line():
    assert shown("a\nb\x1b[2J" + "x" * 999) == "a\ufffdb\ufffd[2J" + "x" * 150 + "..."


def test_a_download_can_be_read_until_it_is_closed(places):
    download, _ = places
    file = packed(download / "all.zip", ("ada.ipynb", b"{}"))
    with ExitStack() as stack:
        (found,) = files_of(file, stack)
        assert found.read() == b"{}"


# -- The command ---------------------------------------------------------------------------


@needs_links
def test_the_command_says_what_it_took_and_what_not(places, capsys):
    download, out = places
    put(download, "ada_12_assignsubmission_file_/set.ipynb")
    put(download, "ada_12_assignsubmission_file_/notes.txt")
    (download / "bob_13_assignsubmission_file_").mkdir()
    (download / "bob_13_assignsubmission_file_/set.ipynb").symlink_to("/etc/passwd")
    assert commands.main(["collect", str(download), str(out), "--lms", "moodle"]) == 0
    told = capsys.readouterr().out
    assert "notes.txt: it is not a notebook" in told
    assert "bob_13: bob_13_assignsubmission_file_/set.ipynb: the file is a link" in told
    assert f"1 notebook is new in {out}, 2 files were left out" in told
    assert "2026-10-01" not in told
    with pytest.raises(SystemExit):
        commands.main(["collect", str(download), str(out), "--zone", "Nowhere/Now"])
    assert "Nowhere/Now is not a time zone" in capsys.readouterr().err
