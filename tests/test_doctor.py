"""``python -m coursenn doctor`` finds each fault, and says how to mend it."""

import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from coursenn import __main__ as command
from coursenn import doctor

ROOT = Path(__file__).parents[1]


def faults(check, *args):
    return [finding for finding in check(*args) if finding.is_fault]


def without(monkeypatch, *modules):
    """Let these modules seem not to be installed."""
    find = doctor.find_spec
    monkeypatch.setattr(doctor, "find_spec", lambda m: None if m in modules else find(m))


def test_this_machine_runs_the_tests_so_its_python_packages_kernel_and_lab_are_well():
    checks = (doctor.check_python, doctor.check_packages, doctor.check_kernel, doctor.check_lab)
    assert [fault for check in checks for fault in faults(check)] == []


def test_the_command_prints_a_line_for_each_finding(monkeypatch, capsys):
    good = doctor.Finding("cup is clean")
    bad = doctor.Finding("tea is cold", "Make new tea.")
    monkeypatch.setattr(command, "examine", lambda: [good, bad])
    assert command.main(["doctor"]) == 1
    printed = capsys.readouterr().out
    assert printed == "ok    cup is clean\nMEND  tea is cold\n      Make new tea.\n\n1 to mend\n"
    late = doctor.Finding("no cake", "It is baked when you come.", can_wait=True)
    monkeypatch.setattr(command, "examine", lambda: [good, late])
    assert command.main(["doctor"]) == 0
    printed = capsys.readouterr().out
    assert printed.endswith("later no cake\n      It is baked when you come.\n\nAll is ready.\n")


def test_it_runs_as_a_program_and_looks_at_everything():
    done = subprocess.run(
        [sys.executable, "-m", "coursenn", "doctor"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode in (0, 1), done.stderr
    for what in (
        "Python 3.",
        "packages",
        "threads",
        "MNIST",
        "wheat",
        "kernel",
        "JupyterLab",
        "GB",
    ):
        assert what in done.stdout


def test_an_old_python_is_a_fault(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    assert "3.11 or newer" in faults(doctor.check_python)[0].mend


def test_a_missing_package_and_one_of_the_wrong_version_are_faults(tmp_path):
    wanted = tmp_path / "requirements.txt"
    wanted.write_text("# all\nnumpy>=99  # one day\nno-such-package>=1\n--editable .\n\npytest\n")
    (fault,) = faults(doctor.check_packages, wanted)  # one, since one command mends both
    first, second = fault.what.splitlines()
    assert first == f"numpy {version('numpy')} is installed, and >=99 is needed"
    assert second.strip() == "no-such-package is not installed"
    assert f"-m pip install -r {wanted}" in fault.mend


def test_where_only_the_package_is_installed_numpy_is_enough(tmp_path):
    (finding,) = doctor.check_packages(tmp_path / "requirements.txt")
    assert (finding.mend, finding.what[:6]) == ("", "NumPy ")


@pytest.mark.parametrize(("threads", "is_fault"), [(1, False), (2, False), (3, True)])
def test_more_threads_than_processors_are_a_fault(monkeypatch, threads, is_fault):
    import threadpoolctl

    pool = {"user_api": "blas", "internal_api": "b", "version": "1", "num_threads": threads}
    other = pool | {"user_api": "openmp", "num_threads": 99}
    monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda: [pool, other])
    monkeypatch.setattr(doctor.os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    assert bool(faults(doctor.check_threads)) is is_fault


def test_data_are_found_or_named_as_missing(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor.download, "is_here", lambda file: file.name != "wheat-seeds.csv")
    mnist, seeds = doctor.check_data()
    assert str(mnist) == "ok    MNIST: here, and whole"
    assert str(seeds).startswith("later wheat seeds: not here: wheat-seeds.csv\n")
    assert "COURSENN_DATA" in seeds.mend
    assert not seeds.is_fault  # the chapter that needs them will fetch them


def test_a_notebook_that_would_start_in_another_python_is_a_fault(monkeypatch):
    def listed(command, **_):
        spec = {"kernelspecs": {"python3": {"spec": {"argv": ["/another/python", "-m"]}}}}
        return subprocess.CompletedProcess(command, 0, doctor.json.dumps(spec), "")

    monkeypatch.setattr(doctor.subprocess, "run", listed)
    assert "ipykernel install" in faults(doctor.check_kernel)[0].mend


def test_no_kernel_and_no_lab_are_faults(monkeypatch):
    without(monkeypatch, "ipykernel", "jupyterlab_myst")
    assert "pip install ipykernel" in faults(doctor.check_kernel)[0].mend
    assert faults(doctor.check_lab)[0].what == "jupyterlab_myst not installed"


def test_a_full_disk_and_a_folder_of_somebody_else_are_faults(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 10**8}))
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    full, closed = faults(doctor.check_disk)
    assert full.what.startswith("0.1 GB free")
    assert "2 GB are needed" in full.mend
    assert "cannot be written to" in closed.what
