"""A small plan to change: one group of two regions, two carriers, the days from the eve to the third day of the year 2026."""

import copy
from collections.abc import Callable
from typing import Any

from houbei.delivery.festival import Plan, plan_of

TITLE = {"zh": "小", "en": "small"}
BASE = {"source": "t"}
PLAN: dict[str, Any] = {
    "plan": "small-2026",
    "version": "1",
    "year": "2026",
    "standing": "sample",
    "zone": "Asia/Shanghai",
    "calendar": "cn",
    "currency": "CNY",
    "about": TITLE,
    "from": "eve",
    "to": "1-3",
    "sources": [{"id": "t", "says": {"zh": "测试", "en": "a test"}, "read": "2026-11-29"}],
    "groups": [{"id": "all-of-them", "title": TITLE}],
    "regions": [
        {"id": "R", "title": TITLE, "group": "all-of-them"},
        {"id": "R-1", "title": TITLE, "group": "all-of-them"},
    ],
    "carriers": [{"id": "c", "title": TITLE}, {"id": "d", "title": TITLE}],
    "days": [
        {"on": ["eve..1-3"], "what": "works", **BASE},
        {"on": ["eve"], "what": "works", "until": "18:00", "cut_off": "11:00", "carriers": ["c", "d"], **BASE},
    ],
}


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """The plan after a change, as keys and values."""
    plan = copy.deepcopy(PLAN)
    change(plan)
    return plan


def small(change: Callable[[dict[str, Any]], object] = lambda _: None) -> Plan:
    """The plan after a change."""
    return plan_of(changed(change), where="small")
