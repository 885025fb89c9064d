"""The page on the sandbox names every fault with its default, and every problem with its status."""

import re
from pathlib import Path

import msgspec

from houbei.sandbox.faults import Faults
from houbei.sandbox.shapes import PROBLEMS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def test_every_fault_is_on_the_page_with_its_default():
    faults = PAGE.partition("## Faults")[2].partition("## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", faults, flags=re.MULTILINE)
    assert rows == [(name, str(value).lower()) for name, value in msgspec.to_builtins(Faults()).items()]


def test_every_problem_is_on_the_page_with_its_status():
    problems = PAGE.partition("**Problems**")[2].partition("## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", problems, flags=re.MULTILINE)
    assert rows == [(code, str(status)) for code, (status, _) in PROBLEMS.items()]
