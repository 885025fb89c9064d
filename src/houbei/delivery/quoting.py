"""One promise with its reasons as plain values: what a checkout shows, what a shop keeps with the order."""

from typing import Any

from houbei.calendars.days import date_of
from houbei.columns import MISSING
from houbei.delivery.candidates import Refused
from houbei.delivery.promising import Promises
from houbei.delivery.reasons import Reason, reasons_of
from houbei.delivery.requests import Requests
from houbei.delivery.timetable import Timetable
from houbei.delivery.words import LANGUAGES, say
from houbei.facts.moments import text_of_moment
from houbei.money import text_of


def quote(timetable: Timetable, requests: Requests, promises: Promises, row: int) -> dict[str, Any]:
    """Write one promise or refusal out.

    Args:
        timetable: The one it was looked up in.
        requests: What was asked for.
        promises: What was promised.
        row: Which of them.

    Returns:
        Plain values for JSON. `by` is the first moment that is late, `by_us` the same in microseconds; `from` and `from_us` are None for a
        date. `network`, `model` and `calendar` name the versions it rests on.

    Cost: about a millisecond.
    """
    reasons = reasons_of(timetable, requests, promises, row)
    return {
        "id": requests.ids[row],
        "asked_us": int(requests.at_us[row]),
        "chance_wanted_permille": int(requests.chance_permille[row]),
        **_promised(timetable, requests, promises, row),
        "network": {"name": timetable.loaded.network.network, "sha256": timetable.loaded.sha256},
        "model": timetable.lead_times.version,
        "calendar": {"id": timetable.calendar.id, "version": timetable.calendar.version},
        "reasons": [_reason(reason) for reason in reasons],
    }


def _promised(timetable: Timetable, requests: Requests, promises: Promises, row: int) -> dict[str, Any]:
    refused = Refused(int(promises.refused[row]))
    if refused is not Refused.NOT:
        return {"refused": refused.name.lower(), "by": None, "by_us": None}
    network, slot = timetable.loaded.network, int(promises.slot[row])
    zone = timetable.zones[timetable.zone_of_region[requests.region[row]]].zone
    service = network.services[int(promises.service[row])]
    from_us = None if promises.from_us[row] == MISSING else int(promises.from_us[row])
    by_us = int(promises.by_us[row])
    return {
        "refused": None,
        "date": date_of(int(promises.day[row])).isoformat(),
        "slot": timetable.slots.names[slot] or None,
        "from": None if from_us is None else text_of_moment(from_us, zone),
        "by": text_of_moment(by_us, zone),
        "from_us": from_us,
        "by_us": by_us,
        "chance_permille": int(promises.chance_permille[row]),
        "is_provisional": bool(promises.is_provisional[row]),
        "service": service.id,
        "carrier": service.carrier,
        "origin": network.origins[int(promises.origin[row])].id,
        "fee": text_of(int(promises.fee_minor[row]), network.currency),
        "currency": network.currency,
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code.value,
        "figures": dict(reason.figures),
        **{language: say(reason, language) for language in LANGUAGES},
    }
