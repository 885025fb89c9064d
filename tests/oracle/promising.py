"""What can be promised, read off the words: one request, one day, one slot at a time, with dates and clocks, and no tables.

A network is a plain mapping as its document has it. An order is handled on the first day from its own on, on the origin's clock, on which
the origin works and its cut-off for that region and service has not passed. So many of its working days later it is handed over; the
carrier takes it on the first day from then on on which it picks up there. A thousand such parcels are in the region by the end of a day as
often as the lead time says for the days counted since the start. Somebody comes on days of delivery, or of installation for what was
delivered so many installation days before. The first day and slot that is kept often enough, has not begun and has room is promised.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

HORIZON_DAYS = 200
DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# The notice of the General Office of the State Council on 2026.
BREAKS = (
    (date(2026, 1, 1), date(2026, 1, 3)),
    (date(2026, 2, 15), date(2026, 2, 23)),
    (date(2026, 4, 4), date(2026, 4, 6)),
    (date(2026, 5, 1), date(2026, 5, 5)),
    (date(2026, 6, 19), date(2026, 6, 21)),
    (date(2026, 9, 25), date(2026, 9, 27)),
    (date(2026, 10, 1), date(2026, 10, 7)),
)
WORKED = {date(2026, *day) for day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))}
NEW_YEAR = date(2026, 2, 17)
"""The last lunar month before it has 29 days, the first one 30."""

Network = dict[str, Any]
Ask = dict[str, Any]


@dataclass(kw_only=True)
class Answer:
    """A promise, or why there is none."""

    refused: str = "not"
    by: datetime | None = None
    begins: datetime | None = None
    day: date | None = None
    chance_permille: int = -1
    service: str | None = None
    origins: tuple[str, ...] = ()
    slot: str | None = None


@dataclass(kw_only=True)
class Taken:
    """How many visits are taken, by origin, region, service, slot and day."""

    places: dict[tuple[str, str, str, str, date], int] = field(default_factory=dict)


def promise(network: Network, ask: Ask, taken: Taken) -> Answer:
    """Promise one request the earliest arrival, and take its places."""
    best: tuple[Any, ...] | None = None
    found, worst = Answer(refused="unknown_name"), 0
    for number, service in enumerate(network["services"]):
        for turn, origin in enumerate(_origins(network, ask)):
            stage, answer = _way(network, ask, taken, service, origin)
            if answer is not None:
                rank = (answer.by, -answer.chance_permille, number, turn)
                if best is None or rank < best:
                    best, found = rank, answer
            elif best is None and STAGES.index(stage) > worst:
                worst, found = STAGES.index(stage), Answer(refused=stage)
    if found.day is not None and found.service is not None and found.slot is not None:
        for origin in set(found.origins):
            key = (origin, ask["region"], found.service, found.slot, found.day)
            taken.places[key] = taken.places.get(key, 0) + 1
    return found


STAGES = (
    "unknown_name",
    "not_served",
    "too_heavy",
    "not_installed",
    "no_slot",
    "no_lead_time",
    "out_of_reach",
    "not_in_time",
    "full",
)


def _origins(network: Network, ask: Ask) -> list[str]:
    """The origins that parcels which leave theirs open are tried from, all of them together."""
    if any(parcel["origin"] is None for parcel in ask["parcels"]):
        return [origin["id"] for origin in network["origins"]]
    return [network["origins"][0]["id"]]


def _way(network: Network, ask: Ask, taken: Taken, service: Network, origin: str) -> tuple[str, Answer | None]:
    parcels = [{**parcel, "origin": parcel["origin"] or origin} for parcel in ask["parcels"]]
    stage = _stands_in_the_way(network, ask, service, parcels)
    if stage is not None:
        return stage, None
    if (
        sum(p["count"] * (1000 - max(_within(network, ask, service, p).values())) for p in parcels)
        > 1000 - ask["chance_permille"]
    ):
        return "out_of_reach", None
    paths = [_path(network, ask, service, parcel) for parcel in parcels]
    first_day, was_full = paths[0][0], False
    for ahead in range(HORIZON_DAYS + 1):
        day = first_day + ahead * DAY
        kept = [
            answer
            for slot in _slots(service, ask["slot"])
            if (answer := _on(network, ask, service, slot, day, parcels, paths)) is not None
        ]
        options = [answer for answer in kept if _has_room(ask, taken, service, answer)]
        if options:
            return "not", min(options, key=lambda answer: (answer.by, -answer.chance_permille))
        was_full = was_full or bool(kept)
    return ("full" if was_full else "not_in_time"), None


def _on(network, ask, service, slot, day, parcels, paths) -> Answer | None:  # noqa: PLR0913, PLR0917  all that a visit depends on
    """What a visit in a slot of a day would promise, if it can be promised and there is room."""
    ready = _ready_by(network, ask, service, day, slot)
    if ready is None:
        return None
    lacks = sum(
        parcel["count"] * (1000 - _kept(network, ask, service, parcel, path, ready))
        for parcel, path in zip(parcels, paths, strict=True)
    )
    begins, ends = _bounds(network, ask["region"], day, slot)
    if lacks > 1000 - ask["chance_permille"] or (ends if slot["id"] == "" else begins) <= ask["at"]:
        return None
    return Answer(
        by=ends,
        begins=None if slot["id"] == "" else begins,
        day=day,
        chance_permille=1000 - lacks,
        service=service["id"],
        origins=tuple(parcel["origin"] for parcel in parcels),
        slot=slot["id"],
    )


def _stands_in_the_way(network: Network, ask: Ask, service: Network, parcels: list[Network]) -> str | None:
    """The first of the reasons for which a service cannot do it at all."""
    carrier, region = _carrier(network, service), ask["region"]
    classes, origins = ({parcel[key] for parcel in parcels} for key in ("weight_class", "origin"))
    goes = ask["service"] in {None, service["id"]} and _holds(network, service.get("regions"), region)
    checks = {
        "not_served": goes and _rule(network, carrier, region) is not None,
        "too_heavy": classes <= set(service.get("weight_classes") or classes),
        "not_installed": not ask["is_installed"] or _is_installed(network, region, classes),
        "no_slot": bool(_slots(service, ask["slot"])),
        "not_served from there": origins <= set(service.get("origins") or origins),
        "no_lead_time": all(_within(network, ask, service, parcel) is not None for parcel in parcels),
    }
    return next((stage.removesuffix(" from there") for stage, holds in checks.items() if not holds), None)


def _is_installed(network: Network, region: str, classes: set[str]) -> bool:
    told = network.get("installation")
    if told is None or not _holds(network, told.get("regions"), region):
        return False
    return classes <= set(told.get("weight_classes") or classes)


def _path(network: Network, ask: Ask, service: Network, parcel: Network) -> tuple[date, date]:
    """The local day of the order, and the day on which the carrier takes the parcel; far away if it never does."""
    origin = next(found for found in network["origins"] if found["id"] == parcel["origin"])
    zone = ZoneInfo(_zone(network, origin["region"]))
    ordered = ask["at"].astimezone(zone).date()
    day = _first(ordered, lambda day: _is_handled(network, origin, ask, service, day, zone))
    for _ in range(int(origin["handling"].get("days", 0))):
        day = _first(day + DAY, lambda day: _opens(origin["handling"]["week"], day))
    carrier = _carrier(network, service)
    return ordered, _first(day, lambda day: _carrier_opens(network, carrier, origin["region"], "shipping", day))


def _is_handled(network: Network, origin: Network, ask: Ask, service: Network, day: date, zone: ZoneInfo) -> bool:
    if not _opens(origin["handling"]["week"], day):
        return False
    for cut_off in origin["cut_offs"]:
        named = _holds(network, cut_off.get("regions"), ask["region"])
        fits = named and service["id"] in (cut_off.get("services") or [service["id"]])
        fits = fits and WEEKDAYS[day.weekday()] in (cut_off.get("weekdays") or WEEKDAYS)
        if fits and (not cut_off.get("lunar_days") or _lunar(day) & set(cut_off["lunar_days"])):
            moment = clock(day, cut_off["before"], zone)
            return moment > day_begins(day, zone) and ask["at"] < moment
    raise AssertionError(origin)


def _kept(network: Network, ask: Ask, service: Network, parcel: Network, path: tuple[date, date], ready: date) -> int:
    """How many of a thousand such parcels are in the region by the end of a day."""
    ordered, leaves = path
    if ready < leaves:
        return 0
    day = leaves if network["lead_times"]["starts"] == "handover" else ordered
    counted = 0
    while day < ready:
        day += DAY
        moves = _carrier_opens(network, _carrier(network, service), ask["region"], "transit", day)
        counted += moves or network["lead_times"]["counts"] == "calendar"
    return max(kept for days, kept in {0: 0, **_within(network, ask, service, parcel)}.items() if days <= counted)


def _within(network: Network, ask: Ask, service: Network, parcel: Network) -> dict[int, int] | None:
    """The narrowest lead time that holds: most names, then origin before region before the others, then the nearest region."""
    lane = {
        "origin": parcel["origin"],
        "carrier": service["carrier"],
        "service": service["id"],
        "weight_class": parcel["weight_class"],
    }
    around, found = _around(network, ask["region"]), []
    keys = ("origin", "region", "carrier", "service", "weight_class")
    for group in network["lead_times"]["groups"]:
        named = [key for key in keys if group.get(key) is not None]
        if all(group[key] in around if key == "region" else group[key] == lane[key] for key in named):
            distance = around.index(group["region"]) if "region" in named else 0
            found.append((-len(named), [keys.index(key) for key in named], distance, group["within"]))
    return (
        None if not found else {int(days): int(kept) for days, kept in min(found, key=lambda one: one[:3])[3].items()}
    )


def _ready_by(network: Network, ask: Ask, service: Network, day: date, slot: Network) -> date | None:
    """The last day on which parcels may come into the region for a visit on a day; None when nobody comes."""
    carrier, region, ready = _carrier(network, service), ask["region"], timedelta(days=int(slot["ready_days"]))
    if not ask["is_installed"]:
        return day - ready if _carrier_opens(network, carrier, region, "delivery", day) else None
    told = network["installation"]
    if not _opens(told["week"], day):
        return None
    for back in range(HORIZON_DAYS):
        delivered = day - back * DAY
        if _carrier_opens(network, carrier, region, "delivery", delivered) and _installed_on(told, delivered) <= day:
            return delivered - ready
    return None


def _installed_on(told: Network, delivered: date) -> date:
    if not int(told["days"]):
        return _first(delivered, lambda day: _opens(told["week"], day))
    day = delivered
    for _ in range(int(told["days"])):
        day = _first(day + DAY, lambda day: _opens(told["week"], day))
    return day


def _slots(service: Network, wanted: str) -> list[Network]:
    whole = {"id": "", "begins": "00:00", "ends": "24:00", "ready_days": 0, "capacity": service.get("capacity")}
    if wanted == "":
        return [whole]
    return [{"capacity": None, **slot} for slot in service.get("slots", []) if wanted in {"*", slot["id"]}]


def _has_room(ask: Ask, taken: Taken, service: Network, answer: Answer) -> bool:
    """Whether every origin has a place left in the slot of the day."""
    (slot,) = [slot for slot in _slots(service, ask["slot"]) if slot["id"] == answer.slot]
    keys = [(origin, ask["region"], service["id"], answer.slot, answer.day) for origin in answer.origins]
    return slot["capacity"] is None or all(taken.places.get(key, 0) < int(slot["capacity"]) for key in keys)


def _bounds(network: Network, region: str, day: date, slot: Network) -> tuple[datetime, datetime]:
    zone = ZoneInfo(_zone(network, region))
    return clock(day, slot["begins"], zone), clock(day, slot["ends"], zone)


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a local day: clocks change on quarters of an hour."""
    moment = datetime.combine(day, time(), tzinfo=UTC) - 16 * 4 * QUARTER
    while moment.astimezone(zone).date() < day:
        moment += QUARTER
    return moment


def clock(day: date, text: str, zone: ZoneInfo) -> datetime:
    """The first moment at which a clock shows a time; one that is skipped comes as much later."""
    if text.startswith("24"):
        return day_begins(day + DAY, zone)
    hour, minute, *second = map(int, text.split(":"))
    if not hour and not minute and not any(second):
        return day_begins(day, zone)
    return datetime.combine(day, time(hour, minute, *second), tzinfo=zone).astimezone(UTC)


def _first(day: date, holds: Any) -> date:
    for _ in range(3 * HORIZON_DAYS):
        if holds(day):
            return day
        day += DAY
    return date(2199, 1, 1)


def _opens(week: Network, day: date) -> bool:
    is_break = any(first <= day <= last for first, last in BREAKS)
    if "workdays_of" in week:
        return day in WORKED or (day.weekday() < 5 and not is_break)
    return WEEKDAYS[day.weekday()] in week["days"] and not ("rests_in_breaks_of" in week and is_break)


def _carrier_opens(network: Network, carrier: Network, region: str, leg: str, day: date) -> bool:
    """A suspension outranks all; a word on the nearest region that is named one on a wider or on every region; any word the week."""
    rule = _rule(network, carrier, region)
    if rule is None:
        return False
    said, around = [], [*_around(network, region), "*"]
    for item in carrier.get("dated", []):
        names = item.get("regions", ["*"])
        near = [around.index(name) for name in names if name in around]
        if near and leg in item.get("calendars", [leg]) and item["first_day"] <= day.isoformat() <= item["last_day"]:
            said.append((item["what"] == "suspended", -min(near), item["what"]))
    return max(said)[2] == "works" if said else _opens(rule[leg], day)


def _rule(network: Network, carrier: Network, region: str) -> Network | None:
    for name in (*_around(network, region), "*"):
        for rule in carrier["rules"]:
            if name in rule.get("regions", ["*"]):
                return rule
    return None


def _carrier(network: Network, service: Network) -> Network:
    return next(found for found in network["carriers"]["carriers"] if found["carrier"] == service["carrier"])


def _around(network: Network, region: str) -> list[str]:
    return list(_up(network, region))


def _up(network: Network, region: str | None) -> Iterator[str]:
    within = {found["id"]: found.get("within") for found in network["regions"]}
    while region is not None:
        yield region
        region = within[region]


def _zone(network: Network, region: str) -> str:
    zones = {found["id"]: found.get("zone") for found in network["regions"]}
    return next((zones[name] for name in _up(network, region) if zones[name]), network["zone"])


def _holds(network: Network, names: list[str] | None, region: str) -> bool:
    return not names or bool(set(names) & set(_around(network, region)))


def _lunar(day: date) -> set[str]:
    """The names of a day around the New Year of 2026."""
    after = (day - NEW_YEAR).days
    named = {"eve"} if after == -1 else set()
    if -29 <= after < 0:
        return named | {f"12-{30 + after}"}
    return {f"1-{after + 1}"} if 0 <= after < 30 else set()


def moment_us(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)
