"""The clause pages as data: their tables, the rows of files that a table's cells stand for, and what a backtest makes of them."""

import copy
import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

from houbei.backtest.run import Question, run_backtest
from houbei.engine import reading_of
from houbei.facts.orders import KNOWN as ORDER_COLUMNS
from houbei.facts.prices import KNOWN as PRICE_COLUMNS
from houbei.money import minor_of
from houbei.terms.document import parse_terms
from houbei.terms.model import Terms
from houbei.terms.moments import parse_moment

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "clauses"
PAGES = sorted(path.name for path in FOLDER.glob("*.md"))
_PRICE = re.compile(r"(\S+) at ([^\s,]+)(?: until ([^\s,]+))?(?:, (.*))?")
_STEP = re.compile(r"(held )?([0-9.]+)(?: at (\S+))?")

Fields = dict[str, str | None]
Step = tuple[str, int, int | None]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a table: its page, line number, and cells by the names of their columns."""

    page: str
    number: int
    cells: dict[str, str]

    def __str__(self) -> str:
        return f"{self.page}:{self.number} {next(iter(self.cells.values()))}"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a backtest said: the steps of each line in the order of time, and how many lines were undecided."""

    steps: dict[str, list[Step]]
    undecided: int


def rows_of(*columns: str) -> list[Row]:
    """Every row of every table whose header has exactly these columns."""
    return [row for table in tables() if tuple(table[0].cells) == columns for row in table]


def tables() -> Iterator[list[Row]]:
    """The tables of all pages, each a list of at least one row."""
    for page in PAGES:
        lines = [*(FOLDER / page).read_text("utf-8").splitlines(), ""]
        header: list[str] | None = None
        rows: list[Row] = []
        for number, line in enumerate(lines, start=1):
            if not line.startswith("|"):
                yield from [rows] if rows else []
                header, rows = None, []
            elif header is None:
                header = _cells(line)
            elif set(line) - set("|- "):
                rows.append(Row(page=page, number=number, cells=dict(zip(header, _cells(line), strict=True))))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def block(page: str, key: str) -> Any:
    """What a page's fenced YAML says under a key; every value is a text."""
    blocks = re.findall(r"```yaml\n(.*?)```", (FOLDER / page).read_text("utf-8"), flags=re.DOTALL)
    (found,) = [tree[key] for tree in map(read, blocks) if key in tree]
    return found


def read(text: str) -> Any:
    """Read YAML; every scalar is a text."""
    return yaml.load(text, yaml.BaseLoader)  # noqa: S506  the base loader makes nothing but texts, lists and mappings


def fields(text: str) -> Fields:
    """Read `key: value, key: value`; `null` is a missing value."""
    return {key: None if value == "null" else value for key, value in read(f"{{{text}}}").items()}


def parts(cell: str) -> list[str]:
    """The parts of a cell, one a line of it, without the marks of code."""
    return [part.strip().strip("`") for part in cell.split("<br>") if part.strip()]


def terms_of(cell: str) -> Terms:
    """The terms of the README with what a cell changes."""
    document = copy.deepcopy(block("README.md", "terms"))
    for path, value in read(f"{{{cell.strip('`')}}}").items():
        *outer, last = path.split(".")
        inner = document
        for key in outer:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return parse_terms(yaml.safe_dump(document, allow_unicode=True), where="the terms of a row")


def lines_of(cell: str) -> list[Fields]:
    """The order lines of a `bought` cell."""
    pieces = [part.partition(",") for part in parts(cell)]
    return [{**block("README.md", "line"), "paid": paid, **fields(rest)} for paid, _, rest in pieces]


def prices_of(cell: str) -> list[Fields]:
    """The observations of a `prices` cell."""
    found = [_PRICE.fullmatch(part) for part in parts(cell)]
    assert all(found), f"a price that cannot be read in {cell}"
    pieces = [match.groups() for match in found if match is not None]
    same = block("README.md", "price")
    return [{**same, "price": p, "at": at, "until": until, **fields(rest or "")} for p, at, until, rest in pieces]


def expected_of(cell: str, lines: Sequence[Fields], terms: Terms) -> Verdict:
    """What an `owed` cell says, a part for each line."""
    said = parts(cell)
    steps: dict[str, list[Step]] = {}
    for line, text in zip(lines, said, strict=True):
        found = [] if text in {"nothing", "undecided"} else [_step(part, line, terms) for part in text.split(", then ")]
        steps[str(line["line_id"])] = found
    return Verdict(steps=steps, undecided=said.count("undecided"))


def _step(text: str, line: Fields, terms: Terms) -> Step:
    match = _STEP.fullmatch(text)
    assert match is not None, f"{text!r} is no step"
    held, amount, at = match.groups()
    moment = None if at is None else parse_moment(at, zone=terms.zone, where=text)
    return "hold" if held else "pay", minor_of(amount, str(line["currency"]), where=text), moment


def decide(lines: list[Fields], prices: list[Fields], terms: Terms, folder: Path) -> Verdict:
    """Write the rows to files, run a backtest over them and read what it wrote."""
    orders, seen = reading_of(terms)
    moments = {f"{fact}_at" for fact in orders.anchors}
    write(folder / "orders.csv", lines, ORDER_COLUMNS | orders.named | moments)
    write(folder / "prices.csv", prices, PRICE_COLUMNS | seen.named)
    question = Question(
        terms=terms,
        orders=folder / "orders.csv",
        prices=folder / "prices.csv",
        out=folder / "out",
        ways=False,
        threads=1,
    )
    run_backtest(question, lambda _stage, _done, _total: None)
    summary = json.loads((folder / "out" / "summary.json").read_text("utf-8"))
    assert summary["rejected"] == 0, (folder / "out" / "rejected.csv").read_text("utf-8")
    assert summary["lines"] == len(lines)
    steps: dict[str, list[tuple[int, int, Step]]] = {str(line["line_id"]): [] for line in lines}
    for place, (file, word, column) in enumerate([("payouts", "pay", "owed_minor"), ("held", "hold", "held_minor")]):
        for step in pq.read_table(folder / "out" / f"{file}.parquet").to_pylist():
            at = int(step["at"].timestamp()) * 1_000_000 + step["at"].microsecond
            steps[step["line_id"]].append((at, place, (word, step[column], at)))
    return Verdict(
        steps={line: [step for *_, step in sorted(found)] for line, found in steps.items()},
        undecided=summary["undecided"],
    )


def write(path: Path, rows: Sequence[Fields], known: frozenset[str] | set[str]) -> None:
    """Write rows as CSV; a column that nothing would read is a slip of the page."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    assert set(columns) <= known, f"columns that nothing reads: {sorted(set(columns) - known)}"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([["" if row.get(name) is None else row[name] for name in columns] for row in rows])
