"""The page on dates: every row's requests are promised as a checkout does it, and come out as written, for the reasons that are written."""

import copy
import json
import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from houbei.columns import MISSING
from houbei.delivery.document import parse_network
from houbei.delivery.network import Loaded
from houbei.delivery.promising import promise_arrivals
from houbei.delivery.quoting import quote
from houbei.delivery.requests import ANY_SLOT, Parcel, Request, requests_of
from houbei.delivery.timetable import timetable_of
from houbei.owed.promised import Shown, find_promises
from houbei.terms.moments import parse_moment
from tests.clauses.pages import Row, block, parts, read, rows_of

PAGE = "delivery-dates.md"
ROWS = rows_of("case", "network", "asked", "promised", "because")
ZONE = ZoneInfo("Asia/Shanghai")
_PROMISED = re.compile(r"(\S+)(?: (\S+) to (\S+))? \((\d+)\)(, provisional)?")


def network_of(cell: str) -> Loaded:
    """The network of the page with what a cell changes."""
    document = copy.deepcopy(block(PAGE, "network"))
    for path, value in read(f"{{{cell.strip('`')}}}").items():
        *outer, last = path.split(".")
        inner = document
        for key in outer:
            inner = _entry(inner, key)
        inner[int(last) if isinstance(inner, list) else last] = value
    return parse_network(json.dumps(document), where="the network of a row")


def _entry(inner: Any, key: str) -> Any:
    if not isinstance(inner, list):
        return inner[key]
    if key.isdecimal():
        return inner[int(key)]
    (found,) = [one for one in inner if key in {one.get("id"), one.get("carrier")}]
    return found


def request_of(text: str, number: int) -> Request:
    asked = {**block(PAGE, "asked"), **read(f"{{{text}}}")}
    named = {name: None if asked[name] == "any" else asked[name] for name in ("from", "service")}
    sku = asked.get("sku")
    return Request(
        id=f"row {number}",
        at_us=parse_moment(asked["at"], zone=ZONE.key, where=text),
        region=asked["to"],
        parcels=(
            Parcel(
                sku=sku,
                weight_class=None if sku else asked["weight_class"],
                origin=named["from"],
                count=int(asked.get("parcels", 1)),
            ),
        ),
        service=named["service"],
        chance_permille=int(asked["chance"]),
        is_installed=asked.get("install") == "true",
        slot={"any": ANY_SLOT}.get(asked.get("slot", ""), asked.get("slot", "")),
    )


def promised_of(text: str) -> dict[str, Any]:
    """What a cell says of one request, in the words of a quote."""
    if text.startswith("refused: "):
        return {"refused": text.removeprefix("refused: "), "by_us": None}
    match = _PROMISED.fullmatch(text)
    assert match is not None, f"{text!r} is no promise"
    day, begins, ends, chance, provisional = match.groups()
    midnight = int(datetime.fromisoformat(day).replace(tzinfo=ZONE).timestamp()) * 1_000_000
    return {
        "refused": None,
        "date": day,
        "from_us": None if begins is None else midnight + _clock_us(begins),
        "by_us": midnight + _clock_us(ends or "24:00"),
        "chance_permille": int(chance),
        "is_provisional": provisional is not None,
    }


def _clock_us(text: str) -> int:
    hours, minutes = map(int, text.split(":"))
    return (hours * 60 + minutes) * 60_000_000


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_is_promised_what_it_says(row: Row):
    loaded = network_of(row.cells["network"])
    requests = [request_of(text, number) for number, text in enumerate(parts(row.cells["asked"]))]
    expected = [promised_of(text) for text in parts(row.cells["promised"])]
    moments = [request.at_us for request in requests]
    timetable = timetable_of(loaded, from_us=min(moments), to_us=max(moments))
    asked = requests_of(loaded, requests)
    promises = promise_arrivals(timetable, asked)
    quotes = [quote(timetable, asked, promises, number) for number in range(len(requests))]
    found = [{key: quoted[key] for key in wanted} for quoted, wanted in zip(quotes, expected, strict=True)]
    assert found == expected
    given = {reason["code"] for quoted in quotes for reason in quoted["reasons"]}
    for code in row.cells["because"].split(", "):
        assert (code.removeprefix("not ") in given) is not code.startswith("not "), (code, given)


@pytest.mark.parametrize("row", rows_of("case", "given", "worked out anew", "stays"), ids=str)
def test_what_was_given_stays(row: Row):
    said = [row.cells[name] for name in ("given", "worked out anew")]
    by_us = np.array([parse_moment(cell, zone=ZONE.key, where=str(row)) for cell in said if cell != "nothing"])
    order = np.arange(len(by_us))
    shown = Shown(
        delivery=order * 0,
        shown_us=order,
        from_us=np.full(len(order), MISSING),
        by_us=by_us,
        fee_minor=order * 0,
        parcels=order * 0 + 1,
        by_buyer=np.zeros(len(order), dtype=np.bool_),
        rank=order,
    )
    (kept,) = find_promises(shown, deliveries=1)
    assert by_us[kept] == parse_moment(row.cells["stays"], zone=ZONE.key, where=str(row))


def test_the_page_has_the_public_cases():
    said = {row.cells["case"].split(":")[0] for row in ROWS}
    assert said >= {"E1", "E2", "E3", "E5"}
