"""Runs a history through `houbei backtest`'s own function and through the oracle, and puts both in one shape."""

import csv
import json
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from houbei.backtest.run import Question, run_backtest
from houbei.terms.document import parse_terms
from houbei.terms.model import Terms
from houbei.terms.moments import parse_moment
from tests.oracle.histories import ORDER_COLUMNS, PRICE_COLUMNS
from tests.oracle.price_protection import Verdict, adjudicate, rivals, sweep
from tests.oracle.strategies import History

Row = dict[str, str | None]
Said = dict[str, Any]
"""What one of the two says: the keys of `COMPARED`."""

CLAUSES = [{"id": "PP-1", "text": {"zh": "差价退还。", "en": "The difference is paid back."}}]
COUNTED = ("lines", "units", "lines_owed", "payouts", "rejected", "undecided", "held")
"""The counts of the summary that follow from the other files or from the lines."""
COMPARED = ("rejected", "payouts", "held", "counts", "as_of", "currencies", "ways", "sweep")


def as_terms(document: Mapping[str, Any]) -> Terms:
    """Read the oracle's terms, which may go without the names that a published document needs."""
    whole = {"term": "drawn", "version": "1", "kind": "price_protection", "clauses": CLAUSES, **document}
    # JSON is YAML, and written faster.
    return parse_terms(json.dumps(whole, ensure_ascii=False), where="drawn")


def columns_of(name: str, rows: list[Row]) -> list[str]:
    """The columns of a file: those of all its rows, or of the builders where it has none."""
    without_rows = ORDER_COLUMNS if name == "orders" else PRICE_COLUMNS
    return list(dict.fromkeys(column for row in rows for column in row)) or list(without_rows)


def write_rows(path: Path, rows: list[Row]) -> None:
    """Write rows as CSV."""
    columns = columns_of(path.stem, rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([["" if row.get(name) is None else row[name] for name in columns] for row in rows])


def by_engine(
    history: History, folder: Path, *, window: tuple[int, int] | None = None, threads: int = 1
) -> dict[str, Any]:
    """What the engine says of a history, read back from the files it writes."""
    write_rows(folder / "orders.csv", history.orders)
    write_rows(folder / "prices.csv", history.prices)
    return read_files(history, folder, suffix="csv", window=window, threads=threads)


def read_files(
    history: History, folder: Path, *, suffix: str, window: tuple[int, int] | None = None, threads: int = 1
) -> Said:
    """What the engine says of files that stand in a folder, under a history's terms and as of its moment."""
    terms = as_terms(history.terms)
    question = Question(
        terms=terms,
        orders=folder / f"orders.{suffix}",
        prices=folder / f"prices.{suffix}",
        out=folder / "out",
        as_of_us=None if history.as_of is None else parse_moment(history.as_of, zone=terms.zone, where="as_of"),
        window=window,
        threads=threads,
    )
    run_backtest(question, lambda _stage, _done, _total: None)
    return read_answer(folder / "out")


def read_answer(out: Path) -> Said:
    """Read what the engine wrote into a folder."""
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    with (out / "rejected.csv").open(encoding="utf-8", newline="") as file:
        rejected = [(row["file"], int(row["row"]), row["code"]) for row in csv.DictReader(file)]
    ways: dict[str, dict[str, int]] = {}
    for way in summary["ways"]:
        ways.setdefault(way["currency"], {})[way["way"]] = way["owed_minor"]
    return {
        "summary": summary,
        "payouts": sorted(map(_paid, pq.read_table(out / "payouts.parquet").to_pylist())),
        "held": sorted(map(_held, pq.read_table(out / "held.parquet").to_pylist())),
        "rejected": sorted(rejected),
        "counts": {name: summary[name] for name in COUNTED},
        "as_of": _utc(datetime.fromisoformat(summary["as_of"])),
        "currencies": {
            block["currency"]: (block["revenue_minor"], block["owed_minor"], block["held_minor"])
            for block in summary["currencies"]
        },
        "ways": ways,
        "sweep": sorted(map(_swept, summary.get("sweep", []))),
    }


def by_oracle(history: History, *, window: tuple[int, int] | None = None) -> dict[str, Any]:
    """What the oracle says of a history, in the same shape."""
    facts = history.orders, history.prices, history.terms, history.as_of
    verdict = adjudicate(*facts)
    swept = [] if window is None else sweep(*facts, range(window[0], window[1] + 1))
    return {
        "verdict": verdict,
        "payouts": sorted(map(_paid, verdict.payouts)),
        "held": sorted(map(_held, verdict.held)),
        "rejected": sorted(verdict.rejected),
        "counts": {
            "lines": verdict.lines,
            "units": verdict.units,
            "lines_owed": len({step["line_id"] for step in verdict.payouts}),
            "payouts": len(verdict.payouts),
            "rejected": len(verdict.rejected),
            "undecided": len(verdict.undecided),
            "held": len({step["line_id"] for step in verdict.held}),
        },
        "as_of": _utc(verdict.as_of),
        "currencies": _currencies(verdict),
        "ways": rivals(*facts),
        "sweep": sorted(map(_swept, swept)),
    }


def differences(one: Said, other: Said) -> dict[str, tuple[Any, Any]]:
    """What two say differently of one history, by what it is about; nothing where they agree."""
    return {name: (one[name], other[name]) for name in COMPARED if one[name] != other[name]}


def compare(history: History, *, window: tuple[int, int] | None = None) -> dict[str, tuple[Any, Any]]:
    """What engine and oracle say differently of a history."""
    return differences(engine_says(history, window=window), by_oracle(history, window=window))


def engine_says(history: History, *, window: tuple[int, int] | None = None) -> Said:
    """What the engine says of a history, by way of a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        return by_engine(history, Path(folder), window=window)


def _currencies(verdict: Verdict) -> dict[str, tuple[int, int, int]]:
    """Revenue, owed and held by currency."""
    totals = {currency: [revenue, 0, 0] for currency, revenue in verdict.revenue_minor.items()}
    for step in verdict.payouts:
        totals[verdict.currency_of[step["line_id"]]][1] += step["owed_minor"]
    for step in verdict.held:
        totals[verdict.currency_of[step["line_id"]]][2] += step["held_minor"]
    return {currency: (revenue, owed, held) for currency, (revenue, owed, held) in totals.items()}


def _paid(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        row["line_id"],
        _utc(row["at"]),
        row["price_id"],
        row["price_minor"],
        row["quantity"],
        row["owed_minor"],
        row["clause_id"],
    )


def _held(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["line_id"], _utc(row["at"]), row["price_id"], row["price_minor"], row["quantity"], row["held_minor"]


def _swept(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["currency"], row["days"], row["owed_minor"], row["lines_owed"]


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
