"""What is held on a card is taken from the command line: through the provider, never above, and only where a unit stays away."""

from importlib import import_module
from pathlib import Path

import pytest

from houbei.cli import run
from tests.cases_live.appliances import HOLD, LAW, promise
from tests.cli.test_case_commands import CLERK, COURIER, NOW_US, NUMBER, ORDERS, STOREKEEPER, says
from tests.reliability.sandboxes import sandbox_in

SLOT = ["--from", "2026-11-20T10:00+08:00", "--until", "2026-11-20T12:00+08:00"]


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """A store in which a unit's price is held before a new one goes; its provider's address."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    moment = iter(range(NOW_US, NOW_US + 10**12, 1_000_000))
    for module in ("case_report", "case_steps", "case_files", "case_capture", "import_", "run"):
        monkeypatch.setattr(import_module(f"houbei.cli.{module}"), "now_us", lambda: next(moment))
    for name, text in (("shop.yaml", promise(HOLD)), ("law.yaml", LAW), ("orders.csv", ORDERS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert run(["import", "--terms", "shop.yaml", "--terms", "law.yaml", "--orders", "orders.csv"]) == 0
    with sandbox_in(tmp_path, faults={"any_payment": True}) as address:
        assert run(["run", "--once", "--provider", f"sandbox={address}"]) == 0
        capsys.readouterr()
        yield address


def capture(capsys: pytest.CaptureFixture[str], amount: str, *, code: int = 0) -> str:
    return says(capsys, "capture-hold", NUMBER, "--amount", amount, "--reason", "it never came", *CLERK, code=code)


def test_what_is_held_is_taken_through_the_provider(provider: str, capsys: pytest.CaptureFixture[str]):
    says(capsys, "report", "--order", "O1", "--serial", "SN1", "--fault", "noise")
    assert "no hold at the provider" in capture(capsys, "1000.00", code=2)
    assert run(["run", "--once", "--provider", f"sandbox={provider}"]) == 0
    assert "a case that nothing is taken for now" in capture(capsys, "1000.00", code=2)
    says(capsys, "slot", NUMBER, *SLOT)
    says(capsys, "reserve", NUMBER, "--serial", "SN2", *STOREKEEPER)
    says(capsys, "dispatch", NUMBER, *STOREKEEPER)
    says(capsys, "delivered", NUMBER, "--new", "SN2", *COURIER)
    assert "more than is held" in capture(capsys, "4999.01", code=2)
    assert capture(capsys, "1000.00").startswith(f"{NUMBER}: CNY 1000.00 of the hold will be asked for")
    assert run(["run", "--once", "--provider", f"sandbox={provider}"]) == 0
    shown = says(capsys, "show", NUMBER)
    assert "captured_for_unit  1000.00" in shown
    assert "clerk  Clerk One" in shown
