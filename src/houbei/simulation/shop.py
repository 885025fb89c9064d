"""The sample shop: its models, its promises, its people. A sample through and through; nobody and nothing in it is real."""

from dataclasses import dataclass
from importlib.resources import files

from houbei.facts.steps import Person
from houbei.store.terms_files import load_terms, statutes
from houbei.terms.document import parse_terms
from houbei.terms.model import Terms

CURRENCY, ZONE, SELLER = "CNY", "Asia/Shanghai", "self"
OWN_PROMISES = ("sample-trusted", "sample-deposit", "sample-return-first")
"""Documents that lie beside this file; the appliances are sold under one that ships with the product."""
SHIPPED_PROMISE = "jd-appliances-180"
PRICE_PROMISE = "jd-appliances"
"""Price protection on the same lines: what it paid back is taken off a refund."""
JURISDICTION = "CN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model: what it sells at and costs the shop, minor units, how many arrive a week per mille of what is sold.

    `gone_from_day` is the day of the simulation from which none arrives any more, -1 for never; `others` what is offered instead.
    """

    sku: str
    category: str
    price_minor: int
    cost_minor: int
    gone_from_day: int = -1
    others: tuple[str, ...] = ()


MODELS = (
    Model(sku="fridge-a", category="fridge", price_minor=499_900, cost_minor=371_000),
    Model(sku="fridge-b", category="fridge", price_minor=329_900, cost_minor=250_500, gone_from_day=60, others=("fridge-a",)),
    Model(sku="washer-a", category="washer", price_minor=279_900, cost_minor=201_000, others=("washer-b",)),
    Model(sku="washer-b", category="washer", price_minor=249_900, cost_minor=188_800),
    Model(sku="tv-a", category="tv", price_minor=599_900, cost_minor=455_000, gone_from_day=90, others=("tv-b", "tv-c")),
    Model(sku="tv-b", category="tv", price_minor=649_900, cost_minor=488_000),
    Model(sku="tv-c", category="tv", price_minor=549_900, cost_minor=420_000),
    Model(sku="aircon-a", category="air-conditioner", price_minor=389_900, cost_minor=290_100),
    Model(sku="vacuum-a", category="vacuum", price_minor=129_900, cost_minor=80_010),
    Model(sku="vacuum-b", category="vacuum", price_minor=199_900, cost_minor=130_000, gone_from_day=40, others=("vacuum-a",)),
    Model(sku="phone-a", category="phone", price_minor=459_900, cost_minor=380_000, gone_from_day=75, others=("phone-b", "phone-c")),
    Model(sku="phone-b", category="phone", price_minor=499_900, cost_minor=415_000),
    Model(sku="phone-c", category="phone", price_minor=399_900, cost_minor=330_000),
    Model(sku="kettle-a", category="kettle", price_minor=19_900, cost_minor=9_950, gone_from_day=100, others=("kettle-b", "kettle-c")),
    Model(sku="kettle-b", category="kettle", price_minor=24_900, cost_minor=12_000),
    Model(sku="kettle-c", category="kettle", price_minor=15_900, cost_minor=8_000),
)  # fmt: skip
"""What the shop sells. Prices and costs are made up."""
BY_SKU = {model.sku: model for model in MODELS}
SALES = (
    (10, "fridge-a", 469_900),
    (12, "tv-a", 559_900),
    (45, "washer-a", 259_900),
    (95, "tv-b", 589_900),
    (96, "fridge-a", 455_000),
    (140, "aircon-a", 349_900),
)
"""From which day of the simulation a model costs less, for a week, minor units."""
SALE_DAYS = 7
FAULTS = {
    "fridge": ("no_cooling", "noise", "leak"),
    "washer": ("leak", "no_spin", "noise"),
    "tv": ("screen", "no_power"),
    "air-conditioner": ("no_cooling", "no_heating", "noise"),
    "vacuum": ("no_power", "noise"),
    "phone": ("screen", "no_power"),
    "kettle": ("no_heating", "leak"),
}
"""What buyers report of each category."""


def promises() -> tuple[Terms, ...]:
    """Load what the shop promises: a shipped document, and the three that lie beside this file."""
    here = files("houbei.simulation")
    own = [parse_terms((here / f"{name}.yaml").read_text("utf-8"), where=name) for name in OWN_PROMISES]
    return (load_terms(SHIPPED_PROMISE), *own)


def price_promise() -> Terms:
    """Load what the shop promises where a price falls."""
    return load_terms(PRICE_PROMISE)


def law() -> tuple[Terms, ...]:
    """Load what the law asks for beside it."""
    return tuple(statutes(JURISDICTION))


_NAMED, _OF = 2, 3


def _people(role: str, names: str) -> tuple[Person, ...]:
    """One in three does not want to be named."""
    unnamed = set(names[_NAMED::_OF])
    return tuple(Person(name=f"{role} {name}", role=role, named=name not in unnamed) for name in names)


CLERKS = _people("clerk", "ABCDE")
STOREKEEPERS = _people("storekeeper", "ABC")
COURIERS = _people("courier", "ABCDEF")
INSPECTORS = _people("inspector", "ABC")
