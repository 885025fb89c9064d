"""The engine and the oracle, written apart from the same words, owe the same to the cent."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from tests.oracle.agreement import by_engine, by_oracle
from tests.oracle.strategies import History, histories

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(suppress_health_check=SLOW, deadline=None)
@given(history=histories())
def test_engine_and_oracle_owe_the_same(history: History) -> None:
    """Every step, every held amount, every rejected row and every count."""
    with tempfile.TemporaryDirectory() as folder:
        engine, oracle = by_engine(history, Path(folder)), by_oracle(history)
    assert engine["rejected"] == oracle["rejected"]
    assert engine["payouts"] == oracle["payouts"]
    assert engine["held"] == oracle["held"]
    summary, verdict = engine["summary"], oracle["verdict"]
    assert summary["lines"] == verdict.lines
    assert summary["units"] == verdict.units
    assert summary["undecided"] == len(verdict.undecided)
    revenue = {block["currency"]: block["revenue_minor"] for block in summary["currencies"]}
    assert revenue == verdict.revenue_minor
