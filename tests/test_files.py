"""Files are written whole, or not at all."""

import errno
import os
import pickle

import pytest

from coursenn.files import whole_file


def test_a_file_that_is_written_well_takes_its_name(tmp_path):
    with whole_file(tmp_path / "a.bin") as file:
        file.write(b"new")
        assert not (tmp_path / "a.bin").exists()
    assert (tmp_path / "a.bin").read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a.bin"]


def test_the_path_may_be_a_string(tmp_path):
    with whole_file(str(tmp_path / "a.bin")) as file:
        file.write(b"new")
    assert (tmp_path / "a.bin").read_bytes() == b"new"


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_if_writing_fails_the_old_file_stays_and_nothing_else_is_left(tmp_path, error):
    (tmp_path / "a.bin").write_bytes(b"old")

    def write():
        with whole_file(tmp_path / "a.bin") as file:
            file.write(b"half of the n")
            raise error

    with pytest.raises(type(error)):
        write()
    assert (tmp_path / "a.bin").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_if_the_disk_is_full_at_the_last_moment_the_old_file_stays(tmp_path, monkeypatch, call):
    def full(*args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "a.bin").write_bytes(b"old")
    monkeypatch.setattr(os, call, full)

    def write():
        with whole_file(tmp_path / "a.bin") as file:
            file.write(b"new")

    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        write()
    assert (tmp_path / "a.bin").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    with (
        pytest.raises(FileNotFoundError, match="nowhere"),
        whole_file(tmp_path / "nowhere" / "a.bin"),
    ):
        pass


def test_the_bytes_are_on_disk_before_the_file_takes_its_name(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(os, "fsync", lambda fd: calls.append(("fsync", os.fstat(fd).st_size)))
    replace = os.replace
    monkeypatch.setattr(os, "replace", lambda a, b: (calls.append("replace"), replace(a, b)))
    with whole_file(tmp_path / "a.bin") as file:
        pickle.dump(list(range(10)), file)
    assert calls == [("fsync", (tmp_path / "a.bin").stat().st_size), "replace"]


def test_two_writers_of_one_name_do_not_disturb_each_other(tmp_path):
    with whole_file(tmp_path / "a.bin") as first, whole_file(tmp_path / "a.bin") as second:
        first.write(b"first " * 1000)
        second.write(b"second" * 1000)
    assert (tmp_path / "a.bin").read_bytes() == b"first " * 1000  # the last to be renamed
    assert os.listdir(tmp_path) == ["a.bin"]
