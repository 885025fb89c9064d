"""The rows of the page on late arrivals: files made from their cells, and what a backtest makes of them."""

import copy
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

from houbei.backtest.arrivals_history import ArrivalFiles
from houbei.backtest.arrivals_run import STANDS, ArrivalsQuestion, run_arrivals_backtest
from houbei.facts.closures import KNOWN as CLOSURE_COLUMNS
from houbei.facts.orders import KNOWN as ORDER_COLUMNS
from houbei.facts.promises import KNOWN as PROMISE_COLUMNS
from houbei.facts.scans import KNOWN as SCAN_COLUMNS
from houbei.facts.scans import WHATS
from houbei.money import POINTS, text_of
from houbei.terms.document import parse_terms
from houbei.terms.model import Terms
from houbei.terms.moments import parse_moment
from tests.clauses.pages import Fields, block, fields, parts, read, write

PAGE = "delivery.md"
LOOKED_AT = "2026-12-20"
_TOLD = re.compile(r"(\w+) at ([^\s,]+)(?:, (.*))?")


def promise_of(cell: str) -> Terms:
    """The promise of the page with what a cell changes."""
    document = copy.deepcopy(block(PAGE, "promise"))
    for path, value in read(f"{{{cell.strip('`')}}}").items():
        *outer, last = path.split(".")
        inner = document
        for key in outer:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return parse_terms(yaml.safe_dump(document, allow_unicode=True), where="the promise of a row")


def bought_of(cell: str) -> list[Fields]:
    """The order line of a `bought` cell."""
    (piece,) = parts(cell)
    paid, _, rest = piece.partition(",")
    return [{**block(PAGE, "line"), "paid": paid, **fields(rest)}]


def told_of(cell: str) -> dict[str, list[Fields]]:
    """The rows of the files that a `told` cell stands for, by file."""
    files: dict[str, list[Fields]] = {"promises": [], "scans": [], "closures": []}
    for part in parts(cell):
        match = _TOLD.fullmatch(part)
        assert match is not None, f"{part!r} tells nothing"
        word, at, rest = match.groups()
        more = fields(rest or "")
        if word == "shown":
            row: Fields = {"promise_id": f"P{len(files['promises']) + 1}", "order_id": "O", "shown_at": at}
            files["promises"].append({**row, **more})
        elif word in WHATS:
            row = {"scan_id": f"S{len(files['scans']) + 1}", "order_id": "O", "at": at, "what": word}
            files["scans"].append({**row, **more})
        else:
            row = {"closure_id": f"C{len(files['closures']) + 1}", "code": word, "from_at": at, "known_at": at}
            regions = {"regions": f'["{more["regions"]}"]'} if "regions" in more else {}
            files["closures"].append({**row, **more, **regions})
    return files


def comes_to(terms: Terms, lines: list[Fields], told: dict[str, list[Fields]], folder: Path) -> str:
    """Write the rows to files, run a backtest over them, and say what it came to in the words of the page."""
    write(folder / "orders.csv", lines, ORDER_COLUMNS)
    paths: dict[str, Path | None] = {}
    known = {"promises": PROMISE_COLUMNS, "scans": SCAN_COLUMNS, "closures": CLOSURE_COLUMNS}
    for name, rows in told.items():
        path = folder / f"{name}.csv"
        if rows:
            write(path, rows, known[name])
        elif name == "promises":
            path.write_text("promise_id,order_id,shown_at,promised_by\n", encoding="utf-8")
        paths[name] = path if rows or name == "promises" else None
    question = ArrivalsQuestion(
        terms=terms,
        files=ArrivalFiles(orders=folder / "orders.csv", **paths),
        out=folder / "out",
        as_of_us=parse_moment(LOOKED_AT, zone=terms.zone, where="the page"),
    )
    answer = run_arrivals_backtest(question, lambda _stage, _done, _total: None)
    assert answer.summary["rejected"] == 0, (folder / "out" / "rejected.csv").read_text("utf-8")
    (stands,) = [word for word in STANDS if answer.summary[word]]
    steps: list[tuple[Any, ...]] = []
    for name, held in (("payouts", ""), ("held", "held ")):
        for step in pq.read_table(folder / "out" / f"{name}.parquet").to_pylist():
            amount = text_of(step["amount_minor"], step["currency"])
            unit = " points" if step["currency"] == POINTS else ""
            said = f"{held}{amount}{unit} ({step['clause_id']})"
            steps.append((step["at"], step["tier"], step["parcel_id"] or "", step["currency"], said))
    owed = ", ".join(said for *_, said in sorted(steps))
    return f"{stands} ({answer.judged.clauses[0]})" + (f": {owed}" if owed else "")
