"""Hypothesis strategies for where and when a history plays, and for the terms it is judged by."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.oracle.moments import midnight, read_zone
from tests.oracle.money import EXPONENTS

Draw = Callable[[st.SearchStrategy[Any]], Any]

BEFORE_HOLIDAYS = date(2026, 9, 24)
"""The day before Mid-Autumn, a week before National Day."""
PLACES = (
    ("Asia/Shanghai", date(2026, 11, 1)),
    ("Asia/Shanghai", date(2028, 2, 27)),
    ("Asia/Shanghai", BEFORE_HOLIDAYS),
    ("Asia/Shanghai", BEFORE_HOLIDAYS),
    ("Europe/Berlin", date(2026, 10, 22)),
    ("Europe/Berlin", date(2026, 3, 26)),
    ("America/New_York", date(2026, 10, 29)),
    ("America/New_York", date(2026, 3, 5)),
    ("Africa/Cairo", date(2026, 4, 21)),
    ("Africa/Cairo", date(2026, 10, 27)),
)
"""Zones and first days: clocks change within the week in all but Shanghai; in Cairo at midnight, which is skipped."""

CURRENCIES = (("CNY",), ("CNY",), ("CNY", "USD"), ("JPY",), ("KWD",), ("CNY", "JPY"))
LENGTHS = ("P0D", "P1D", "P3D", "P7D", "P1M", "P30D", "PT24H", "PT72H", "PT168H")
SCOPES = (
    "category IN ('fridge','washer') AND NOT gift",
    "seller = 'self'",
    "points >= 3 OR vip",
    "points BETWEEN 1 AND 4",
    "points + quantity * 2 <> 5",
    "COALESCE(category, 'none') <> 'toy'",
    "category IS NOT NULL AND vip",
    "NOT (category = 'toy' OR gift)",
    "quantity > 1 AND (seller <> 'market' OR region IS NULL)",
)
ELIGIBLE = (
    "kind NOT IN ('flash','presale')",
    "kind <> 'flash' AND min_quantity <= 2",
    "label <> 'x'",
    "label IS NULL OR label = 'x'",
    "COALESCE(label, 'x') <> 'x'",
    "in_stock",
    "NOT in_stock OR min_quantity = 1",
    "seller = 'self' OR kind = 'list'",
)
OPENINGS = (
    {"at": "paid"},
    {"at": "paid"},
    {"at": "paid"},
    {"at": "placed"},
    {"at": "delivered"},
    {"latest_of": ["paid", "shipped"]},
    {"at": "paid", "plus": "PT12H"},
)
ANCHORS = ({"latest_of": ["delivered"]}, {"at": "delivered"}, {"at": "paid"}, {"latest_of": ["delivered", "installed"]})
GAPS = (
    [{"from": {"at": "shipped", "plus": "P1D"}, "until": {"at": "delivered"}}],
    [{"from": {"at": "shipped", "plus": "PT24H"}, "until": {"at": "delivered"}}],
    [{"from": {"at": "shipped"}, "until": {"at": "delivered", "plus": "PT12H"}}],
    [{"from": {"at": "delivered"}, "until": {"latest_of": ["delivered", "installed"]}}],
    [
        {"from": {"at": "placed"}, "until": {"at": "shipped"}},
        {"from": {"at": "delivered"}, "until": {"at": "installed"}},
    ],
)
PAUSES = (
    [{"from": {"at": "delivered"}, "until": {"at": "installed"}}],
    [{"from": {"at": "shipped"}, "until": {"at": "delivered"}}],
    [{"from": {"at": "paid"}, "until": {"at": "paid", "plus": "P1D"}}],
    [{"from": {"at": "shipped"}, "until": {"at": "shipped", "plus": "PT48H"}}],
    [{"from": {"at": "placed"}, "until": {"at": "shipped"}}],
    [{"from": {"at": "delivered", "plus": "P1D"}, "until": {"at": "delivered", "plus": "PT60H"}}],
    [
        {"from": {"at": "paid", "plus": "PT12H"}, "until": {"at": "shipped"}},
        {"from": {"at": "delivered"}, "until": {"latest_of": ["delivered", "installed"]}},
    ],
)
ROLLS = ("statutory_day", "official_break", "next_workday", "none")
CLAIMS = ({"within": "PT24H"}, {"within": "P1D"}, {"within": "P3D"}, {"within": "PT72H"})
ALLOCATIONS = (
    {"gifts": "strict"},
    {"gifts": "netted"},
    {"discount_tenders": ["voucher"]},
    {"discount_tenders": ["voucher", "points"], "gifts": "netted"},
)
SAMES = (["seller"], ["channel"], ["region", "audience"])


@dataclass(frozen=True)
class Setting:
    """Where and when a history plays, and in which currencies."""

    zone: ZoneInfo
    begins: datetime
    currencies: tuple[str, ...]

    @property
    def digits(self) -> int | None:
        """Give the number of digits that all its currencies share, if they share one."""
        exponents = {EXPONENTS[currency] for currency in self.currencies}
        return exponents.pop() if len(exponents) == 1 else None

    def write(self, minor: int) -> str:
        """Write an amount of the terms in major units."""
        whole, part = divmod(minor, 10 ** (self.digits or 0))
        return f"{whole}.{str(part).zfill(self.digits)}" if self.digits else str(whole)


@st.composite
def settings_of_histories(draw: Draw) -> Setting:
    """Draw a setting."""
    name, day = draw(st.sampled_from(PLACES))
    zone = read_zone(name)
    return Setting(zone=zone, begins=midnight(day, zone=zone), currencies=draw(st.sampled_from(CURRENCIES)))


def now_and_then(draw: Draw, key: str, values: tuple[Any, ...], *, times_in_ten: int = 4) -> dict[str, Any]:
    """Draw one key with a value, or nothing: the term then says nothing about it."""
    return {key: draw(st.sampled_from(values))} if draw(st.integers(1, 10)) <= times_in_ten else {}


@st.composite
def terms_documents(draw: Draw, setting: Setting, *, sweepable: bool = False) -> dict[str, Any]:
    """Draw a terms document, every scalar a text; the window of a sweepable one has a length."""
    wheres = now_and_then(draw, "where", SCOPES, times_in_ten=3)
    return {
        "term": "drawn",
        "version": "1",
        "kind": "price_protection",
        "zone": setting.zone.key,
        **({"scope": wheres} if wheres else {}),
        **draw_calendar(draw, setting),
        "window": draw_window(draw, setting, sweepable=sweepable),
        "compare": draw_compare(draw),
        "remedy": {
            **now_and_then(draw, "clause", ("PP-4",)),
            "amount": {"of": "difference", **draw_amount(draw, setting), "caps": draw_caps(draw, setting)},
        },
        **now_and_then(draw, "allocation", ALLOCATIONS, times_in_ten=3),
        "clauses": [
            {"id": "PP-2", "text": {"zh": "退还差价", "en": "The difference is paid back"}},
            {"id": "PP-4", "text": {"zh": "限时价不计入", "en": "Flash prices do not count"}},
        ],
    }


def draw_calendar(draw: Draw, setting: Setting) -> dict[str, Any]:
    """Draw a calendar and a rule that moves the last day on, where the history plays around its holidays."""
    if setting.begins != midnight(BEFORE_HOLIDAYS, zone=setting.zone):
        return {}
    return {"calendar": {"id": "cn", "roll": draw(st.sampled_from(ROLLS))}}


def draw_window(draw: Draw, setting: Setting, *, sweepable: bool) -> dict[str, Any]:
    """Draw a window: mostly a length after an anchor, sometimes a moment."""
    after = {"after": draw(st.sampled_from(ANCHORS)), "length": draw(st.sampled_from(LENGTHS))}
    on = {"on": (setting.begins + timedelta(days=draw(st.sampled_from([3, 8, 12])))).isoformat()}
    at_once = {"after": {"at": "delivered"}, "length": "PT0H"}
    closes = draw(st.sampled_from([*(after,) * 10, at_once, after if sweepable else on]))
    gaps = now_and_then(draw, "gaps", GAPS)
    pauses = now_and_then(draw, "pauses", PAUSES, times_in_ten=2) if "length" in closes else {}
    return {"opens": draw(st.sampled_from(OPENINGS)), "closes": closes, **gaps, **pauses}


def draw_compare(draw: Draw) -> dict[str, Any]:
    """Draw what is compared, and how."""
    prices = {
        **now_and_then(draw, "where", ELIGIBLE, times_in_ten=3),
        **now_and_then(draw, "seen_at_least", ("1", "2", "2"), times_in_ten=2),
    }
    suspicious = tuple({"below_percent_of_basis": percent, "action": "hold"} for percent in ("20", "30", "60"))
    asking = {"against": "at_claim", **now_and_then(draw, "claim", CLAIMS, times_in_ten=5)}
    return {
        **(asking if draw(st.integers(1, 10)) == 1 else {"against": "window_min"}),
        **now_and_then(draw, "at_open", ("counts", "ignored"), times_in_ten=6),
        **now_and_then(draw, "same", SAMES, times_in_ten=2),
        **now_and_then(draw, "in_stock_required", ("true", "false")),
        **({"prices": prices} if prices else {}),
        **now_and_then(draw, "suspicious", suspicious),
    }


def draw_amount(draw: Draw, setting: Setting) -> dict[str, Any]:
    """Draw the remedy; amounts only where the history's currencies have the same digits."""
    amounts = {
        **now_and_then(draw, "floor", (setting.write(1), setting.write(4)), times_in_ten=2),
        **now_and_then(draw, "min_payout", (setting.write(2), setting.write(5), setting.write(8)), times_in_ten=3),
    }
    return {
        **now_and_then(draw, "times", ("1", "2", "0.5", "1.5")),
        **now_and_then(draw, "plus_percent", ("0", "2", "12.5", "50"), times_in_ten=2),
        **(amounts if setting.digits is not None else {}),
    }


def draw_caps(draw: Draw, setting: Setting) -> list[dict[str, str]]:
    """Draw no cap, one, or several of different scopes, in any order."""
    shares: list[dict[str, str]] = [
        {"scope": "unit", "percent_of_basis": "10"},
        {"scope": "unit", "percent_of_basis": "50"},
        {"scope": "line", "amount": "basis"},
        {"scope": "line", "percent_of_basis": "25"},
    ]
    amounts: list[dict[str, str]] = [
        {"scope": "line", "amount": setting.write(7)},
        {"scope": "order", "amount": setting.write(10)},
        {"scope": "buyer", "amount": setting.write(6), "period": "month"},
        {"scope": "buyer", "amount": setting.write(9), "period": "year"},
        {"scope": "buyer", "amount": setting.write(12)},
    ]
    offered = shares + (amounts if setting.digits is not None else [])
    count = draw(st.sampled_from([0, 0, 1, 1, 2, 3]))
    caps: list[dict[str, str]] = draw(st.lists(st.sampled_from(offered), min_size=count, max_size=count))
    return caps
