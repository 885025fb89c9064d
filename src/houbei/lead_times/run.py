"""Three questions to a history of deliveries: what can be learnt, how good its promises would have been, what to promise now."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from houbei.errors import InputError
from houbei.lead_times.choosing import Spread
from houbei.lead_times.document import document_of, read_document
from houbei.lead_times.evaluating import evaluate
from houbei.lead_times.groups import groups_of
from houbei.lead_times.history import History, Orders, read_history, reason_text
from houbei.lead_times.model import Model
from houbei.lead_times.promising import NO_DAY, Dates, promise
from houbei.lead_times.rolling import Dial, Learner, set_dial
from houbei.lead_times.summary import summary_of
from houbei.store.folders import open_folder

Json = dict[str, Any]
Progress = Callable[[str, int, int], None]

ASKED = np.round(np.arange(0.5, 0.9951, 0.005), 3)
"""The shares that a model can be asked to keep."""
PROMISES = pa.schema(
    [
        ("order_id", pa.string()),
        ("purchased_date", pa.date32()),
        ("promised_date", pa.date32()),
        ("days", pa.int64()),
        ("chance_permille", pa.int64()),
        ("group", pa.string()),
        ("model_version", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A history to read: the file, its columns by meaning where they are not known, where its dates are local, whose holidays count."""

    history: Path
    out: Path
    columns: Mapping[str, str] = field(default_factory=dict)
    zone: str = "UTC"
    calendar: str | None = None

    def read(self, path: Path | None = None, required: Sequence[str] = ("purchased", "delivered")) -> History:
        """Read it, or another file in the same way.

        Raises:
            InputError: it cannot be used.
        """
        history = read_history(path or self.history, named=self.columns, zone=self.zone, required=required)
        return history if self.calendar is None else replace(history, calendar=self.calendar)


def run_evaluate(
    source: Source, *, from_day: int, chances: Sequence[float], spread: Spread, progress: Progress
) -> Json:
    """Say how good promises from a day on would have been; `summary.json` and `rejected.csv` go to the folder.

    Raises:
        InputError: the history cannot be used, or there is too little of it before that day or after.

    Cost: three passes of a fit a week.
    """
    history = source.read()
    found = evaluate(history, from_day=from_day, chances=chances, spread=spread, progress=progress)
    summary = summary_of(found, spread=spread, zone=source.zone)
    _write_rejected(source, history)
    (source.out / "summary.json").write_text(_json(summary), encoding="utf-8")
    return summary


def run_train(source: Source, *, now: int | None, progress: Progress) -> Json:
    """Learn from a history; `model.json` and `rejected.csv` go to the folder.

    Args:
        source: The history.
        now: Only what happened before this day is known. Everything, where it is None.
        progress: Told of each week.

    Raises:
        InputError: the history cannot be used, or too little of it is known by then.

    Cost: a fit a week for half a year.
    """
    history = source.read()
    _, _, document = _learn(history, now if now is not None else history.as_of_day + 1, progress)
    _write_rejected(source, history)
    (source.out / "model.json").write_text(_json(document), encoding="utf-8")
    return document


def run_promise(
    source: Source,
    *,
    chance: float,
    now: int | None,
    orders: Path | None,
    choosing: tuple[Spread, Path | None],
    progress: Progress,
) -> Json:
    """Promise orders; `promises.parquet`, `promises.csv` and `rejected.csv` go to the folder.

    Args:
        source: The history.
        chance: The share to keep.
        now: The day on which the promises are made; what happened before it is known. The day after the last of the history where None.
        orders: The orders to promise, a file; the open ones of the history where None.
        choosing: Which way days are chosen, and the model to use; one is learnt from the history where None.
        progress: Told of each week.

    Returns:
        Counts, the mean of the days promised, and the version of the model.

    Raises:
        InputError: an input cannot be used.
    """
    spread, model_file = choosing
    history = source.read()
    now = history.as_of_day + 1 if now is None else now
    if model_file is None:
        model, dials, document = _learn(history, now, progress)
    else:
        document = _read_json(model_file)
        model, dials = read_document(document, where=model_file.name)
    wanted = _open_orders(history, now) if orders is None else source.read(orders, ("purchased",)).orders
    dates = promise(model, dials, wanted, spread=spread, chance=chance, now=now)
    given = dates.days != NO_DAY
    _write_rejected(source, history)
    _write_promises(source.out, wanted, dates, document["version"])
    return {
        "orders": len(wanted),
        "promised": int(given.sum()),
        "mean_days_promised": round(float(dates.days[given].mean()), 4) if given.any() else None,
        "mean_chance_permille": round(float(dates.chance_permille[given].mean()), 1) if given.any() else None,
        "as_of": str(np.datetime64(now, "D")),
        "model_version": document["version"],
    }


def _learn(history: History, now: int, progress: Progress) -> tuple[Model, dict[Spread, Dial], Json]:
    learner = Learner(history)
    model = learner.on(now)
    dials = {spread: set_dial(learner, now=now, asked=ASKED, spread=spread, progress=progress) for spread in Spread}
    known = history.known_by(now)
    return model, dials, document_of(model, dials, groups_of(model, dials[Spread.EACH], known), known)


def _open_orders(history: History, now: int) -> Orders:
    known = history.known_by(now)
    return known.orders.at(np.flatnonzero(known.open & ~known.called_off))


def _read_json(path: Path) -> Json:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            came=f"no JSON ({error})",
            where=str(path),
            expected="a model that houbei delivery train wrote",
            todo="Check the path.",
        ) from error
    if not isinstance(document, dict):
        raise InputError(
            came="no object",
            where=str(path),
            expected="a model that houbei delivery train wrote",
            todo="Check the path.",
        )
    return document


def _write_promises(out: Path, orders: Orders, dates: Dates, version: str) -> None:
    columns = [
        pa.array(orders.ids, type=pa.string()),
        pa.array(orders.purchased_day.astype("datetime64[D]")),
        pa.array((orders.purchased_day + dates.days).astype("datetime64[D]"), mask=dates.days == NO_DAY),
        pa.array(dates.days, mask=dates.days == NO_DAY),
        pa.array(dates.chance_permille),
        pa.array(dates.groups, type=pa.string()),
        pa.array([version] * len(orders), type=pa.string()),
    ]
    table = pa.table(columns, schema=PROMISES)
    pq.write_table(table, out / "promises.parquet")
    with (out / "promises.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(table.column_names)
        rows.writerows(zip(*(column.to_pylist() for column in table.columns), strict=True))


def _write_rejected(source: Source, history: History) -> None:
    open_folder(source.out)
    with (source.out / "rejected.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["file", "row", "code", "reason"])
        for row, rejection in history.rejected:
            rows.writerow([history.file, row, rejection.name.lower(), reason_text(rejection)])


def _json(document: Json) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
