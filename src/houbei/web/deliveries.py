"""The list of promised arrivals: those that are late or at risk first, by their deadline; then those under way; then those that are over."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from houbei.backtest.report.tongue import Said
from houbei.owed.delivery import Verdict
from houbei.store.console_delivery_lists import (
    PARTS,
    Listed,
    Wanted,
    choices,
    count_at_risk,
    count_deliveries,
    list_deliveries,
    owed_in_all,
)
from houbei.web.delivery_told import promised_word, stand_of
from houbei.web.drops import DAYS_MAX
from houbei.web.evidence import State
from houbei.web.frame import Frame, frame_values
from houbei.web.paging import page_of
from houbei.web.speech import Speech

VERDICTS = tuple(verdict.name.lower() for verdict in Verdict)
"""The words of how a promise stands, in the store and in addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """A delivery as a row: what, where and by whom, what was promised, how it stands, what it is owed."""

    number: str
    item: str
    href: str
    place: str
    promised: Said | str
    provisional: bool
    state: State
    owed: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing to narrow the list by: its name in the address, its word, what there is to choose from with what each is called."""

    name: str
    word: Said
    options: Sequence[tuple[str, Said | str, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """What an address asks for, as it was read; None where it asks for all. `day` is the last of `days` on which the promises end."""

    part: str | None
    verdict: str | None
    region: str | None
    carrier: str | None
    day: dt.date | None
    days: int = 1

    def wanted(self, frame: Frame) -> Wanted:
        """Give it as the store asks for it."""
        stretch = None if self.day is None else frame.speech.stretch(self.day, days=self.days)
        return Wanted(part=self.part, verdict=self.verdict, region=self.region, carrier=self.carrier, promised=stretch)

    def query(self) -> dict[str, Any]:
        """Give it as an address says it."""
        return {
            "show": self.part,
            "verdict": self.verdict,
            "region": self.region,
            "carrier": self.carrier,
            "day": None if self.day is None else self.day.isoformat(),
            "days": self.days if self.day is not None and self.days > 1 else None,
        }


def narrowed(
    *,
    show: str | None = None,
    verdict: str | None = None,
    region: str | None = None,
    carrier: str | None = None,
    day: dt.date | None = None,
    days: int = 1,
) -> Narrowed:
    """Read what an address asks for; what it says that means nothing asks for all."""
    return Narrowed(
        part=show if show in PARTS else None,
        verdict=verdict if verdict in VERDICTS else None,
        region=region or None,
        carrier=carrier or None,
        day=day,
        days=1 if day is None else min(max(days, 1), DAYS_MAX),
    )


def deliveries_values(frame: Frame, *, asked: Narrowed, page: int) -> dict[str, Any]:
    """Work out the list.

    Args:
        frame: The request.
        asked: Which of them.
        page: Which page.

    Cost: some passes over the deliveries, and a few look-ups for each of the page.
    """
    speech, connection = frame.speech, frame.connection
    whole = _by_part(count_deliveries(connection, Wanted()))
    counts = _by_part(count_deliveries(connection, replace(asked, part=None).wanted(frame)))
    rows = sum(counts[part] for part in PARTS if asked.part in {None, part})

    def here(number: int | None = None, *, of: Narrowed = asked) -> str:
        return frame.href("deliveries", **of.query(), page=number)

    part = page_of(page, rows=rows, href=here)
    found = list_deliveries(connection, asked.wanted(frame), limit=part.size, offset=part.offset)
    at_risk = count_at_risk(connection)
    nothing = narrowed()
    return frame_values(frame, here="deliveries", title=speech.say("deliveries_title")) | {
        "sub": speech.say("deliveries_sub", **_counts_said(speech, whole)),
        "known": sum(whole.values()),
        "to_risk": speech.say("deliveries_to_risk", n=at_risk) if at_risk else None,
        "filters": list(_filters(frame, counts, asked, here)),
        "choices": list(_choices(frame, asked)),
        "day": None if asked.day is None else asked.day.isoformat(),
        "days": asked.days,
        "span": _span(speech, asked),
        "show": asked.part,
        "rows": [row_of(frame, one) for one in found],
        "clear": None if asked == nothing else here(of=nothing),
        "page": part,
        "rows_said": speech.say("deliveries_total", n=rows),
        "owed": [speech.money(minor, unit) for unit, minor in owed_in_all(connection, asked.wanted(frame))],
    }


def _span(speech: Speech, asked: Narrowed) -> Said | None:
    """Name the days that are asked for, where there are several; the form names one."""
    if asked.day is None or asked.days == 1:
        return None
    first = asked.day - dt.timedelta(days=asked.days - 1)
    return speech.say("drops_span", first=speech.day(first), last=speech.day(asked.day))


def row_of(frame: Frame, listed: Listed) -> DeliveryRow:
    """Give a delivery as a row of a list."""
    speech, it = frame.speech, listed.it
    return DeliveryRow(
        number=it.delivery_id,
        item=listed.item,
        href=frame.href("deliveries", it.delivery),
        place=str(speech.say("comma")).join(word for word in (it.region, it.carrier) if word),
        promised=promised_word(speech, from_us=it.from_us, by_us=it.promised_us),
        provisional=it.provisional,
        state=stand_of(speech, listed, now_us=frame.as_of_us),
        owed=[speech.money(amount, unit) for unit, amount in listed.owed],
    )


def _counts_said(speech: Speech, whole: Mapping[str, int]) -> dict[str, Any]:
    return {part: speech.number_text(count) for part, count in whole.items()}


def _by_part(counts: Mapping[tuple[str, str], int]) -> dict[str, int]:
    return {part: sum(count for (of, _), count in counts.items() if of == part) for part in PARTS}


def _filters(frame: Frame, counts: Mapping[str, int], asked: Narrowed, here: Any) -> Iterator[tuple[Said, str, bool]]:
    """The parts: the word with its count, the address, whether it is the one that is shown."""
    speech = frame.speech
    yield speech.say("deliveries_all", n=sum(counts.values())), here(of=replace(asked, part=None)), asked.part is None
    for part in PARTS:
        word = speech.say(f"deliveries_{part}", n=counts[part])
        yield word, here(of=replace(asked, part=part)), asked.part == part


def _choices(frame: Frame, asked: Narrowed) -> Iterator[Choice]:
    """What the list can be narrowed by beside its parts and the day; what was asked for stays even where nothing has it."""
    speech = frame.speech
    words = {verdict: speech.say(f"stands_{verdict}") for verdict in VERDICTS}
    for name, chosen, known in (
        ("verdict", asked.verdict, list(VERDICTS)),
        ("region", asked.region, choices(frame.connection, "region")),
        ("carrier", asked.carrier, choices(frame.connection, "carrier")),
    ):
        some = known if chosen is None or chosen in known else [*known, chosen]
        options: list[tuple[str, Said | str, bool]] = [("", speech.say("narrow_any"), chosen is None)]
        options += [(one, words[one] if name == "verdict" else one, one == chosen) for one in some]
        yield Choice(name=name, word=speech.say(f"narrow_{name}"), options=options)
