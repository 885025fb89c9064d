"""A small network to change, and what is promised on it."""

import copy
import json
from collections.abc import Callable
from typing import Any

from houbei.calendars.holidays import Calendar, load
from houbei.delivery.document import parse_network
from houbei.delivery.lead_times import LeadTimes
from houbei.delivery.network import Loaded
from houbei.delivery.promising import promise_arrivals
from houbei.delivery.quoting import quote
from houbei.delivery.requests import Parcel, Request, requests_of
from houbei.delivery.timetable import timetable_of
from houbei.terms.moments import parse_moment

EVERY_DAY = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
WORKDAYS = {"workdays_of": "cn"}
TITLE = {"zh": "小", "en": "Small"}
NETWORK: dict[str, Any] = {
    "network": "small",
    "version": "1",
    "zone": "Asia/Shanghai",
    "calendar": "cn",
    "currency": "CNY",
    "about": TITLE,
    "regions": [{"id": "R"}, {"id": "R-1", "within": "R"}],
    "weight_classes": [{"id": "light", "up_to_g": "1000"}, {"id": "heavy", "up_to_g": "9000"}],
    "articles": [{"sku": "A", "weight_g": "1000"}],
    "origins": [{"id": "W", "region": "R", "handling": {"week": EVERY_DAY}, "cut_offs": [{"before": "17:00"}]}],
    "carriers": {
        "document": "small",
        "version": "1",
        "currency": "CNY",
        "about": TITLE,
        "carriers": [
            {
                "carrier": "c",
                "title": TITLE,
                "rules": [{"shipping": WORKDAYS, "transit": WORKDAYS, "delivery": WORKDAYS}],
                "dated": [],
                "surcharges": [],
            }
        ],
    },
    "services": [
        {
            "id": "s",
            "carrier": "c",
            "title": TITLE,
            "slots": [{"id": "am", "begins": "09:00", "ends": "12:00", "ready_days": "0", "fee": "5.00"}],
        }
    ],
    "installation": {"days": "1", "week": WORKDAYS, "weight_classes": ["heavy"]},
    "lead_times": {
        "counts": "moving",
        "starts": "handover",
        "groups": [{"within": {"1": "700", "3": "960"}, "basis": "stated", "source": "a test"}],
    },
}


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    """The text of the network after a change."""
    network = copy.deepcopy(NETWORK)
    change(network)
    return json.dumps(network, ensure_ascii=False)


def small(change: Callable[[dict[str, Any]], object] = lambda _: None) -> Loaded:
    """The network after a change."""
    return parse_network(changed(change), where="small.yaml")


def quoted(
    loaded: Loaded,
    at: str,
    *,
    lead_times: LeadTimes | None = None,
    find_calendar: Callable[..., Calendar] = load,
    **asked: Any,
) -> dict[str, Any]:
    """What is promised to one request."""
    request = Request(
        id="q",
        at_us=parse_moment(at, zone=loaded.network.zone, where="a test"),
        **{"region": "R-1", "parcels": (Parcel(weight_class="light"),), **asked},
    )
    timetable = timetable_of(
        loaded, from_us=request.at_us, to_us=request.at_us, lead_times=lead_times, find_calendar=find_calendar
    )
    requests = requests_of(loaded, [request])
    return quote(timetable, requests, promise_arrivals(timetable, requests), 0)
