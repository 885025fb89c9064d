"""The sample shop at the New Year: what it sells, how orders surge, and everything that goes wrong. Nothing and nobody in it is real."""

from dataclasses import dataclass

CURRENCY, ZONE = "CNY", "Asia/Shanghai"
NETWORK, YEAR = "sample-cn", "2026"
SOURCE = "sample-new-year"
PERMILLE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What is sold: how often of a thousand orders, at what price, how many parcels it comes in at most."""

    sku: str
    weight: int
    price_minor: int
    parcels_max: int = 1


ARTICLES = (
    Article(sku="SAMPLE-KETTLE", weight=340, price_minor=19_900, parcels_max=2),
    Article(sku="SAMPLE-MICROWAVE", weight=220, price_minor=69_900),
    Article(sku="SAMPLE-TV", weight=200, price_minor=299_900, parcels_max=3),
    Article(sku="SAMPLE-WASHER", weight=120, price_minor=259_900),
    Article(sku="SAMPLE-FRIDGE", weight=120, price_minor=449_900, parcels_max=2),
)
"""Articles of the sample network. Weights and prices are made up."""
SERVICES = ((600, "standard"), (130, "economy"), (110, "express"), (60, "same-day"), (100, "booked"))
"""What buyers choose, by weight; where it does not go, whichever is earliest is offered."""

FIRST_ORDER_DAYS, LAST_ORDER_DAYS = -21, 12
"""The days of orders, from New Year's Day."""
SURGE = ((-21, 80), (-16, 120), (-12, 170), (-8, 220), (-4, 160), (-2, 90), (-1, 40), (0, 25), (3, 40), (7, 90))
"""From which day on how many orders come a day, as weights: they surge before, and come back after."""
HOURS = (1, 1, 1, 1, 1, 1, 2, 4, 7, 9, 10, 9, 8, 7, 7, 7, 7, 7, 8, 10, 11, 10, 6, 3)
"""How orders spread over the hours of a day, as weights."""

PACKED_NEXT_DAY = 25
"""Of a thousand orders, how many the warehouse packs a day late."""
SLOW_FROM, SLOW_UNTIL, SLOW = -6, 6, 70
"""From which day to which (half open), of a thousand parcels, how many take a day longer than in an ordinary week."""
CREW_STAYS_HOME = 60
"""Of a thousand crews, how many do not come on a day of the festival (`SLOW_FROM` to `SLOW_UNTIL`)."""
NOBODY_HOME = 30
"""Of a thousand doors, how many stay closed at the first visit."""
LOST, FOUND_AGAIN = 5, 500
"""Of a thousand parcels, how many are lost; of a thousand of those, how many turn up again, days later."""
SAID_TOO_EARLY = 6
"""Of a thousand parcels, how many are said to be delivered the evening before they are."""
DOUBTED = 4
"""Of a thousand parcels that came, how many a buyer says did not."""
MOVED_BY_BUYER = 25
"""Of a thousand orders, how many a buyer asks to have later."""
SHOWN_EARLIER, SHOWN_LATER = 10, 25
"""Of a thousand orders, how many are shown an earlier, or a later, date once they are under way."""
CANCELLED = 12
"""Of a thousand orders, how many are cancelled."""
TOLD_LATE, TOLD_TWICE = 20, 30
"""Of a thousand scans, how many come up to two days late, and how many come twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A named event: its code and regions, from and until when (hours from the first midnight of New Year's Day), when it is known."""

    closure: str
    code: str
    regions: tuple[str, ...]
    from_hours: int
    until_hours: int
    known_hours: int
    evidence: str | None


EVENTS = (
    Event(
        closure="sample-snow",
        code="snow",
        regions=("CN-LN", "CN-JL", "CN-HL"),
        from_hours=48 + 5,
        until_hours=72 + 18,
        known_hours=48 + 4,
        evidence="sample notice 2026-3: roads closed by snow from the third day of the year",
    ),
    Event(
        closure="sample-road",
        code="traffic_control",
        regions=("CN-SD",),
        from_hours=72 + 7,
        until_hours=96 + 9,
        known_hours=72 + 6,
        evidence="sample notice 2026-7: a motorway is closed to trucks",
    ),
    Event(
        closure="sample-fog",
        code="snow",
        regions=("CN-AH",),
        from_hours=96 + 6,
        until_hours=96 + 20,
        known_hours=96 + 6,
        evidence=None,
    ),
)
"""Snow on the third day, and traffic control, both with evidence; and a closure that nobody has proved, which excuses nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A carrier whose scans do not come for a while (hours as for events), and come all at once afterwards."""

    carrier: str
    from_hours: int
    until_hours: int


SILENCES = (Silence(carrier="through", from_hours=18, until_hours=57),)
LAST_DAYS = 45
"""How long after New Year's Day the last thing is told: what is owed then is final."""
NAIVE_DAYS = 3
"""What the other shop promises, whatever the day."""
