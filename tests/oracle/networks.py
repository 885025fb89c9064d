"""Hypothesis strategies for small delivery networks and requests that draw the edges.

Orders come around the Spring Festival of 2026 and around changes of clocks, on a cut-off, on a midnight, at the beginning of a slot, a
microsecond before it or after it. Capacities are a few visits, so that batches fill days. Networks are small, and say little twice.
"""

import json
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from houbei.delivery.document import parse_network
from houbei.delivery.network import Loaded
from houbei.delivery.requests import Parcel, Request
from tests.oracle.promising import DAY, UTC, ZoneInfo, clock, moment_us

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/Santiago")
REGIONS = ("R", "R-1", "R-2")
NUDGES = (timedelta(0), timedelta(microseconds=-1), timedelta(microseconds=1))
CLOCKS = ("00:00", "02:30", "11:00", "11:00:30", "23:00", "24:00")
FIRST_DAYS = (
    date(2026, 2, 10),
    date(2026, 2, 13),
    date(2026, 2, 15),
    date(2026, 2, 16),
    date(2026, 2, 22),
    date(2026, 3, 7),
    date(2026, 3, 27),
    date(2026, 4, 3),
    date(2026, 8, 31),
)
"""Around the festival and its make-up days; clocks change on 8 and 29 March, on 5 April and, over midnight, on 6 September in Chile."""
SOURCE = {"source": "a test", "read": "2026-11-29"}
INSTALLED: list[dict[str, Any]] = [
    {"installation": {"days": 0, "week": {"days": [*WEEKDAYS[:6]], "rests_in_breaks_of": "cn"}}},
    {
        "installation": {
            "days": 2,
            "week": {"workdays_of": "cn"},
            "weight_classes": ["heavy"],
            "regions": ["R"],
        }
    },
    {},
]
TITLE = {"zh": "测试", "en": "A test"}


@st.composite
def weeks(draw: Any) -> dict[str, Any]:
    """A week: the working days of the calendar, every day, or some, with or without breaks."""
    days = draw(st.sampled_from([WEEKDAYS, WEEKDAYS, WEEKDAYS[:5], WEEKDAYS[:6], ("mon", "thu")]))
    return draw(
        st.sampled_from([{"workdays_of": "cn"}, {"days": [*days]}, {"days": [*days], "rests_in_breaks_of": "cn"}])
    )


@st.composite
def dated(draw: Any) -> list[dict[str, Any]]:
    """Days on which a carrier does otherwise; of what it says of one day and one region nothing contradicts."""
    items = []
    for what, region in draw(
        st.lists(
            st.sampled_from(
                [("rests", "*"), ("works", "R"), ("rests", "R-1"), ("suspended", "R-2"), ("suspended", "R")]
            ),
            max_size=3,
            unique_by=lambda one: one[1],
        )
    ):
        first = draw(st.sampled_from([date(2026, 2, 14), date(2026, 2, 17), date(2026, 3, 1)]))
        last = first + draw(st.sampled_from([0, 2, 9, 300])) * DAY
        legs = draw(
            st.sampled_from([["delivery"], ["transit", "delivery"], ["shipping"], ["shipping", "transit", "delivery"]])
        )
        items.append(
            {
                "what": what,
                "first_day": first.isoformat(),
                "last_day": last.isoformat(),
                "regions": [region],
                "calendars": legs,
                **SOURCE,
            }
        )
    return items


@st.composite
def cut_offs(draw: Any) -> list[dict[str, Any]]:
    """Cut-offs, the last of which holds always."""
    narrow = st.fixed_dictionaries(
        {"before": st.sampled_from(CLOCKS)},
        optional={
            "regions": st.sampled_from([["R-1"], ["R"], ["R-2", "R-1"]]),
            "services": st.sampled_from([["s1"], ["s2"]]),
            "weekdays": st.sampled_from([["sat", "sun"], ["mon"], ["fri"]]),
            "lunar_days": st.sampled_from([["eve"], ["1-1", "1-2"], ["12-27", "eve"]]),
        },
    )
    return [*draw(st.lists(narrow, max_size=3)), {"before": draw(st.sampled_from(CLOCKS[1:]))}]


@st.composite
def slots(draw: Any) -> list[dict[str, Any]]:
    """Slots of a service, some with a limit."""
    kinds = [("morning", "09:00", "12:00"), ("noon", "11:00", "15:00"), ("late", "15:00", "24:00")]
    return [
        {
            "id": name,
            "begins": begins,
            "ends": ends,
            "ready_days": draw(st.integers(0, 1)),
            "fee": draw(st.sampled_from(["0", "39.00"])),
            **draw(st.sampled_from([{}, {"capacity": 1}, {"capacity": 2}, {"capacity": 0}])),
        }
        for name, begins, ends in draw(st.lists(st.sampled_from(kinds), max_size=3, unique=True))
    ]


@st.composite
def origins(draw: Any, name: str) -> dict[str, Any]:
    """A warehouse, with its handling and cut-offs."""
    return {
        "id": name,
        "region": draw(st.sampled_from(REGIONS)),
        "handling": {"week": draw(weeks()), "days": draw(st.integers(0, 2))},
        "cut_offs": draw(cut_offs()),
    }


@st.composite
def networks(draw: Any) -> dict[str, Any]:
    """A network of three regions, two origins, two carriers and two services."""
    zones = [draw(st.sampled_from(ZONES)) for _ in range(2)]
    carriers = [
        {
            "carrier": name,
            "title": TITLE,
            "rules": [
                {"regions": [region], **{leg: draw(weeks()) for leg in ("shipping", "transit", "delivery")}}
                for region in draw(st.sampled_from([["*"], ["R"], ["R", "R-1"], ["R-1", "*"]]))
            ],
            "dated": draw(dated()),
        }
        for name in ("c1", "c2")
    ]
    return {
        "network": "drawn",
        "version": 1,
        "zone": zones[0],
        "calendar": "cn",
        "currency": "CNY",
        "about": TITLE,
        "regions": [{"id": "R"}, {"id": "R-1", "within": "R", "zone": zones[1]}, {"id": "R-2", "within": "R"}],
        "weight_classes": [{"id": "light", "up_to_g": 1000}, {"id": "heavy", "up_to_g": 50000}],
        "origins": [draw(origins(name)) for name in ("o1", "o2")],
        "carriers": {"document": "drawn", "version": 1, "currency": "CNY", "about": TITLE, "carriers": carriers},
        "services": [
            {
                "id": name,
                "carrier": draw(st.sampled_from(["c1", "c2"])),
                "title": TITLE,
                "slots": draw(slots()),
                **draw(st.sampled_from([{}, {"capacity": 1}, {"capacity": 3}])),
                **draw(
                    st.sampled_from([{}, {}, {"weight_classes": ["light"]}, {"regions": ["R-1"]}, {"origins": ["o2"]}])
                ),
            }
            for name in ("s1", "s2")
        ],
        **draw(st.sampled_from(INSTALLED)),
        "lead_times": {
            "counts": draw(st.sampled_from(["moving", "calendar"])),
            "starts": draw(st.sampled_from(["handover", "order"])),
            "groups": draw(lead_times()),
        },
    }


@st.composite
def lead_times(draw: Any) -> list[dict[str, Any]]:
    """Lead times of some groups, most often with one that holds for all."""
    keys = st.fixed_dictionaries(
        {},
        optional={
            "origin": st.sampled_from(["o1", "o2"]),
            "region": st.sampled_from(["R", "R-1"]),
            "carrier": st.sampled_from(["c1"]),
            "service": st.sampled_from(["s1", "s2"]),
            "weight_class": st.sampled_from(["heavy"]),
        },
    )
    named = draw(st.lists(keys, max_size=4, unique_by=lambda key: tuple(sorted(key.items()))))
    every = [] if {} in named or draw(st.integers(0, 7)) == 0 else [{}]
    return [
        {**key, "within": draw(steps()), "basis": "stated", "source": "a test"}
        for key in [*named, *every] or [{"origin": "o1"}]
    ]


@st.composite
def steps(draw: Any) -> dict[str, int]:
    """Of a thousand, how many are there within so many days; rising."""
    days = sorted(draw(st.lists(st.integers(0, 6), min_size=1, max_size=4, unique=True)))
    kept = sorted(
        draw(
            st.lists(st.sampled_from([400, 700, 900, 950, 975, 990, 999, 1000]), min_size=len(days), max_size=len(days))
        )
    )
    return {str(day): permille for day, permille in zip(days, kept, strict=True)}


@st.composite
def asks(draw: Any, network: dict[str, Any], number: int) -> dict[str, Any]:
    """One request, with a moment on an edge."""
    zone = ZoneInfo(draw(st.sampled_from([network["zone"], network["regions"][1]["zone"]])))
    day = draw(st.sampled_from(FIRST_DAYS)) + draw(st.integers(0, 3)) * DAY
    at = clock(day, draw(st.sampled_from([*CLOCKS, "09:00", "15:00"])), zone) + draw(st.sampled_from(NUDGES))
    parcel = st.fixed_dictionaries(
        {
            "origin": st.sampled_from(["o1", "o2", None]),
            "weight_class": st.sampled_from(["light", "light", "heavy"]),
            "count": st.sampled_from([1, 1, 1, 2, 3]),
        }
    )
    return {
        "id": f"q{number}",
        "at": at,
        "region": draw(st.sampled_from(REGIONS)),
        "parcels": draw(st.lists(parcel, min_size=1, max_size=3)),
        "service": draw(st.sampled_from(["s1", "s2", None, None])),
        "chance_permille": draw(st.sampled_from([1, 700, 900, 950, 951, 990, 1000])),
        "is_installed": draw(st.sampled_from([False, False, True])),
        "slot": draw(st.sampled_from(["", "", "*", "morning", "late"])),
    }


@st.composite
def asked_networks(draw: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A network and a few requests to it; half of them close together, so that they want the same days."""
    network = draw(networks())
    requests = [draw(asks(network, number)) for number in range(draw(st.integers(1, 4)))]
    again = [{**requests[0], "id": f"r{number}"} for number in range(draw(st.integers(0, 3)))]
    return network, [*requests, *again]


def as_loaded(network: dict[str, Any]) -> Loaded:
    """The network as its document is read; JSON is YAML."""
    return parse_network(json.dumps(network), where="a drawn network")


def as_request(ask: dict[str, Any]) -> Request:
    """A request as the engine takes it."""
    return Request(
        id=ask["id"],
        at_us=moment_us(ask["at"]),
        region=ask["region"],
        parcels=tuple(Parcel(**parcel) for parcel in ask["parcels"]),
        service=ask["service"],
        chance_permille=ask["chance_permille"],
        is_installed=ask["is_installed"],
        slot=ask["slot"],
    )


def utc(year: int, month: int, day: int) -> datetime:
    """A midnight in Greenwich."""
    return datetime(year, month, day, tzinfo=UTC)
