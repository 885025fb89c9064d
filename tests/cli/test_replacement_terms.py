"""Documents about replacements on the command line: checked as others are, and refused where only prices can be asked about."""

from pathlib import Path

import pytest

from houbei.cli import run

HEAD = """
term: swap-30
kind: replacement
zone: Asia/Shanghai
window: {opens: {at: delivered}, closes: {after: {at: delivered}, length: P30D}}
clauses: [{id: S-1, text: {en: A new one.}}]
examples:
  - name: a fault
    given: {paid: 49.90, delivered: 2026-12-05T10:00+08:00}
"""


def test_the_statutes_can_be_checked_by_their_names(capsys: pytest.CaptureFixture[str]):
    assert run(["terms", "check", "cn-sanbao-year", "jd-appliances-180"]) == 0
    said = capsys.readouterr().out
    assert "ok: cn-sanbao-year: cn-sanbao-year version 1" in said
    assert "ok: jd-appliances-180: jd-appliances-180 version 1" in said


@pytest.mark.parametrize(
    ("rest", "code", "said"),
    [
        ("when: [{at: 2026-12-08}]\n    then: [{answer: replace, clause: S-1}]", 0, "1 example\n"),
        ("when: [{at: 2027-02-08}]\n    then: [{answer: replace}]", 1, "refuse (S-1; over); expected replace"),
        ("when: [{at: 2026-12-08}]\n    then: [{answer: replace, pay: 1.00}]", 1, "expected replace, pay 1.00"),
        ("when: [{at: 2026-12-08, kind: return}]\n    then: [{answer: replace}]", 1, "refuse (S-1; not asked)"),
        (
            "when: [{at: 2026-12-08, serial: null}]\n    then: [{answer: replace}]\nserial: {must_match: true}",
            1,
            "refer (S-1; serial is missing)",
        ),
        ("when: [{at: 2026-12-08, unit: 2}]\n    then: [{answer: replace}]", 1, "fewer units than the number"),
    ],
)
def test_examples_of_reports_are_run(
    rest: str, code: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "swap.yaml"
    path.write_text(f"{HEAD}    {rest}\n", encoding="utf-8")
    assert run(["terms", "check", str(path)]) == code
    out, err = capsys.readouterr()
    assert said in (err if code else out)


def test_a_backtest_of_prices_refuses_a_replacement(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    files = [f"--orders={tmp_path / 'orders.csv'}", f"--prices={tmp_path / 'prices.csv'}"]
    assert run(["backtest", "--terms=jd-appliances-180", *files]) == 2
    assert "Give --claims" in capsys.readouterr().err
