"""Runs a history through `houbei backtest`'s own function and through the oracle, and puts both in one shape."""

import csv
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

from houbei.backtest.run import Question, run_backtest
from houbei.terms.document import parse_terms
from houbei.terms.model import Terms
from houbei.terms.moments import parse_moment
from tests.oracle.price_protection import Verdict, adjudicate
from tests.oracle.strategies import History

Row = dict[str, str | None]

CLAUSES = [{"id": "PP-1", "text": {"zh": "差价退还。", "en": "The difference is paid back."}}]


class _Plain(yaml.SafeDumper):
    """Writes every value out: terms documents have no aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def as_terms(document: Mapping[str, Any]) -> Terms:
    """Read the oracle's terms, which may go without the names that a published document needs."""
    whole = {"term": "drawn", "version": "1", "kind": "price_protection", "clauses": CLAUSES, **document}
    return parse_terms(yaml.dump(whole, allow_unicode=True, Dumper=_Plain), where="drawn")


def write_rows(path: Path, rows: list[Row]) -> None:
    """Write rows as CSV; the columns are those of all rows."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
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
    terms = as_terms(history.terms)
    question = Question(
        terms=terms,
        orders=folder / "orders.csv",
        prices=folder / "prices.csv",
        out=folder / "out",
        as_of_us=None if history.as_of is None else parse_moment(history.as_of, zone=terms.zone, where="as_of"),
        window=window,
        threads=threads,
    )
    run_backtest(question, lambda _stage, _done, _total: None)
    summary = json.loads((folder / "out" / "summary.json").read_text("utf-8"))
    with (folder / "out" / "rejected.csv").open(encoding="utf-8", newline="") as file:
        rejected = [(row["file"], int(row["row"]), row["code"]) for row in csv.DictReader(file)]
    return {
        "summary": summary,
        "payouts": sorted(map(_paid, pq.read_table(folder / "out" / "payouts.parquet").to_pylist())),
        "held": sorted(map(_held, pq.read_table(folder / "out" / "held.parquet").to_pylist())),
        "rejected": sorted(rejected),
    }


def by_oracle(history: History) -> dict[str, Any]:
    """What the oracle says of a history, in the same shape."""
    verdict: Verdict = adjudicate(history.orders, history.prices, history.terms, as_of=history.as_of)
    return {
        "verdict": verdict,
        "payouts": sorted(map(_paid, verdict.payouts)),
        "held": sorted(map(_held, verdict.held)),
        "rejected": sorted(verdict.rejected),
    }


def _paid(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        row["line_id"],
        _utc(row["at"]),
        row["price_id"],
        row["price_minor"],
        row["quantity"],
        row["owed_minor"],
    )


def _held(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["line_id"], _utc(row["at"]), row["price_id"], row["price_minor"], row["quantity"], row["held_minor"]


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
