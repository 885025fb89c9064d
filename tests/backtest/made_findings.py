"""Findings made up by a seeded generator: a shop that never was, with the shape of a real one."""

from datetime import date, timedelta
from typing import Any

import numpy as np

CATEGORIES = {
    "Grocery": (41, 0.9),
    "Meat": (14, 1.6),
    "Produce": (11, 0.5),
    "Frozen": (9, 2.4),
    "Drinks": (8, 2.1),
    "Household": (7, 1.3),
    "Health and beauty": (6, 1.8),
    "Bakery": (4, 0.7),
}
SHA = "5f0c6d1be2a94e7788b03d6c4a1f92e3c7d58a60b94e12f3a7c6d5e4b3a29180"


def terms() -> dict[str, Any]:
    return {
        "term": "price-30",
        "version": 3,
        "sha256": SHA,
        "title": {"zh": "30天价格保护", "en": "30-day price protection"},
        "clauses": [
            {
                "id": "PP-1",
                "zh": "付款之后30天内，同一家店里同一件商品降价，差价原路退回，无需申请。",
                "en": "If the same item gets cheaper in the same shop within 30 days of payment, the difference goes "
                "back the way it came, unasked.",
            },
            {
                "id": "PP-2",
                "zh": "低于实付价30%的价格先由人核对。",
                "en": "A price below 30% of what was paid is looked at by a person first.",
            },
        ],
        "scope": "NOT gift",
        "prices_where": "kind NOT IN ('flash', 'presale')",
        "same": ["seller", "channel"],
        "at_open": "ignored",
        "suspicious_percent": "30",
    }


def _sweep(revenue: int, lines: int, per_day: float, bend: float) -> list[dict[str, Any]]:
    points = []
    for days in range(7, 91):
        owed = int(revenue * per_day * days**bend)
        points.append(
            {
                "days": days,
                "owed_minor": owed,
                "lines_owed": int(lines * min(0.6, 0.006 * days)),
                "low_minor": int(owed * 0.93),
                "high_minor": int(owed * 1.07),
            }
        )
    return points


def _days(chance: np.random.Generator, start: date, span: int, total: int) -> list[dict[str, Any]]:
    weights = chance.gamma(0.6, 1.0, span)
    for peak in chance.choice(span, 9, replace=False):
        weights[peak : peak + 4] += chance.gamma(9.0, 2.2, len(weights[peak : peak + 4]))
    weights /= weights.sum()
    amounts = [int(total * weight) for weight in weights]
    amounts[0] += total - sum(amounts)
    return [
        {"date": (start + timedelta(days=i)).isoformat(), "owed_minor": amount}
        for i, amount in enumerate(amounts)
        if amount
    ]


def currency(
    *, code: str = "USD", exponent: int = 2, seed: int = 7, span: int = 365, bend: float = 0.98
) -> dict[str, Any]:
    """One currency's findings that agree with one another."""
    chance = np.random.default_rng(seed)
    revenue, lines = 455_973_018, 1_427_303
    sweep = _sweep(revenue, lines, 0.00040, bend)
    own = next(point for point in sweep if point["days"] == 30)
    owed, lines_owed = own["owed_minor"], own["lines_owed"]
    days = _days(chance, date(2017, 1, 1), span, owed)
    edges = [0, 5, 10, 20, 50, 100, 200, 500, None]
    shares = [0.04, 0.12, 0.19, 0.31, 0.2, 0.09, 0.04, 0.01]
    whole = sum(weight for weight, _ in CATEGORIES.values())
    mean = sum(weight * cost for weight, cost in CATEGORIES.values()) / whole
    categories = [
        {
            "name": name,
            "revenue_minor": revenue * weight // whole,
            "owed_minor": int(owed * weight / whole * cost / mean),
            "lines": lines * weight // whole,
            "lines_owed": int(lines_owed * weight / whole * cost / mean),
        }
        for name, (weight, cost) in CATEGORIES.items()
    ]
    return {
        "currency": code,
        "exponent": exponent,
        "revenue_minor": revenue,
        "owed_minor": owed,
        "held_minor": 184_512,
        "lines": lines,
        "lines_owed": lines_owed,
        "payouts": int(lines_owed * 1.27),
        "median_minor": 36,
        "p90_minor": 129,
        "interval": {"low_minor": own["low_minor"], "high_minor": own["high_minor"]},
        "worst_days": sorted(days, key=lambda day: -day["owed_minor"])[:6],
        "sweep": sweep,
        "categories": categories,
        "sizes": [
            {"from_minor": low, "to_minor": high, "lines": int(lines_owed * share)}
            for low, high, share in zip(edges, edges[1:], shares, strict=False)
        ],
        "days": days,
        "first_drop": [
            {"day": day, "lines": int(9000 * 0.988**day * chance.uniform(0.8, 1.2))} for day in range(1, 91)
        ],
        "ways": [
            {"way": "every_new_low", "owed_minor": owed, "lines_owed": lines_owed},
            {"way": "one_claim", "owed_minor": owed // 3, "lines_owed": lines_owed // 3},
            {"way": "daily_bot", "owed_minor": owed * 9 // 10, "lines_owed": lines_owed * 19 // 20},
        ],
    }


def _variant(zh: str, en: str, sha8: str, cost: float, *, this: bool = False, code: str = "USD") -> dict[str, Any]:
    return {
        "label": {"zh": zh, "en": en},
        "term": "price-30",
        "version": 3,
        "sha8": sha8,
        "currency": code,
        "owed_minor": int(455_973_018 * cost),
        "revenue_minor": 455_973_018,
        "lines_owed": int(1_427_303 * cost * 15),
        "this": this,
    }


def findings() -> dict[str, Any]:
    """A year of one shop in one currency, with everything that a report can hold."""
    money = currency()
    cost = money["owed_minor"] / money["revenue_minor"]
    return {
        "window_days": 30,
        "window_text": "P30D",
        "from": "2017-01-01",
        "to": "2017-12-31",
        "zone": "America/New_York",
        "as_of": "2017-12-31T23:59:59Z",
        "terms": terms(),
        "inputs": {
            "orders": "orders.parquet",
            "prices": "prices.parquet",
            "fingerprint": "sha256:4c81d0a2f5b76e3391c4a8d7e6f50b12c3d4e5f60718293a4b5c6d7e8f90a1b2",
            "lines": money["lines"],
            "units": 1_893_417,
            "skus": 63_102,
            "series": 64_880,
            "price_rows": 702_145,
            "rejected": [
                {"file": "orders.parquet", "code": "quantity_not_positive", "rows": 812},
                {"file": "orders.parquet", "code": "amount_negative", "rows": 41},
                {"file": "prices.parquet", "code": "currency_unknown", "rows": 7},
            ],
            "rejected_rows": 860,
            "undecided": 1204,
            "held_lines": 96,
            "in_scope_lines": 1_402_118,
            "watched_short": 118_204,
        },
        "command": "houbei backtest --terms terms/price-30.yaml --orders orders.parquet --prices prices.parquet --window 7..90",
        "currencies": [money],
        "variants": [
            _variant("任何更低的成交价都算", "Any lower price counts", "0a1b2c3d", cost * 3.4),
            _variant("同一渠道", "Same channel only", SHA[:8], cost, this=True),
            _variant("同一渠道，且当天见过两次", "Same channel, seen twice that day", "9e8d7c6b", cost * 0.42),
        ],
        "not_owed": [
            {"reason": "paid_no_more", "lines": 861_300},
            {"reason": "outside_window", "lines": 204_118},
            {"reason": "price_not_eligible", "lines": 66_021},
            {"reason": "not_in_scope", "lines": 25_185},
            {"reason": "no_price", "lines": 10_412},
            {"reason": "undecided", "lines": 1204},
            {"reason": "held", "lines": 96},
        ],
        "limits": [
            "behaviour",
            "one_history",
            "prices_from_sales",
            "short_watch",
            "rejected_rows",
            "undecided",
            "held",
        ],
    }
