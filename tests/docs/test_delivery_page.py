"""The page on delivery names every refusal and every reason, and its commands run."""

import re
import shlex
from pathlib import Path

import pytest

from houbei.cli import run
from houbei.delivery.candidates import Refused
from houbei.delivery.network import HORIZON_DAYS
from houbei.delivery.reasons import Code

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "delivery.md").read_text("utf-8")
COMMANDS = re.findall(r"^houbei (delivery quote .*)$", PAGE, flags=re.MULTILINE)


def test_every_refusal_has_its_row_in_the_order_in_which_it_is_asked():
    rows = re.findall(
        r"^\| `(\w+)` \|", PAGE.partition("### Why nothing is promised")[2].partition("###")[0], flags=re.MULTILINE
    )
    assert rows == [refused.name.lower() for refused in Refused if refused is not Refused.NOT]


def test_every_reason_is_named_in_the_order_of_the_code():
    told = PAGE.partition("### Reasons")[2].partition("They tell of")[0]
    assert re.findall(r"`(\w+)`", told) == [code.value for code in Code]


def test_the_horizon_is_the_one_that_holds():
    assert f"later than {HORIZON_DAYS} days after the order" in PAGE


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_promises_something(command: str, capsys: pytest.CaptureFixture[str]):
    assert run(shlex.split(command)) == 0
    assert not capsys.readouterr().out.startswith("Nothing can be promised")
