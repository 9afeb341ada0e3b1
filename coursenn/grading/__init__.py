"""Graded notebooks: a release for students, feedback while they work, and a grader.

Students need ``check``. Instructors write notebooks in nbgrader's format, with ``compare`` in
their tests, and use ``python -m coursenn.grading``.

- ``cells``: what a graded notebook is, its release, and matching a submission with it
- ``judge`` and ``misconceptions``: comparing with a reference, and naming what went wrong
- ``grader``: cells run there, tests here
- ``session``, ``sandbox``, ``worker`` and ``wire``: the student's process, and the line to it
- ``checking``: the same for students, without the sandbox
"""

from .checking import check
from .judge import compare, drive

__all__ = ["check", "compare", "drive"]
