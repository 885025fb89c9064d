"""A model as a file: small JSON that a person can read, named by the sha256 of what it says. The same history gives the same bytes.

It holds a table of lead times by group, as a delivery network reads it, and beside it everything that `houbei delivery promise` needs.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import rfc8785
from numpy.typing import NDArray

from houbei.errors import InputError
from houbei.lead_times.choosing import Spread
from houbei.lead_times.delivery_clock import DeliveryClock, first_day_of_week, week_of
from houbei.lead_times.groups import Group
from houbei.lead_times.history import History
from houbei.lead_times.model import HALF_LIFE_DAYS, REST_MAX, REST_STEP, Model
from houbei.lead_times.rolling import Dial
from houbei.lead_times.traits import Traits

Whole = NDArray[np.int64]
Json = dict[str, Any]

FORMAT = 1
_PARTS = 100_000
"""Shares are kept as whole numbers of this."""
KEYS = {"origin": "origin", "destination": "region", "carrier": "carrier", "service": "service"}
"""What a network calls the places of a history."""


def document_of(model: Model, dials: Mapping[Spread, Dial], groups: list[Group], history: History) -> Json:
    """Write a model down.

    Args:
        model: What was learnt.
        dials: Where the dial stands now, by the way days are chosen.
        groups: The lead times by group.
        history: What it was learnt from.

    Returns:
        An object of JSON; its `version` is the sha256 of the canonical form of all the rest.
    """
    document = {
        "kind": "lead_times",
        "format": FORMAT,
        "counts": "calendar",
        "starts": "order",
        "days_max": model.days_max,
        "keys": [KEYS[name] for name in KEYS if name in history.orders.places],
        "groups": [
            {
                "key": {KEYS[name]: value for name, value in group.key},
                "count": group.count,
                "within_permille": group.within_permille,
            }
            for group in groups
        ],
        "learnt": _learnt(model, history),
        "clock": {
            "paces": model.clock.paces.tolist(),
            "first_day": _date(model.clock.first_day),
            "last_day": _date(model.clock.first_day + len(model.clock.reading) - 2),
            "holidays": [_date(day) for day in model.clock.holidays.tolist()],
        },
        "traits": _traits(model.traits),
        "effects": [
            {"name": name, "effect": effect}
            for name, effect in zip(model.traits.names(), model.effects.tolist(), strict=True)
        ],
        "rest": {
            "from": -REST_MAX,
            "step": REST_STEP,
            "levels": model.levels.tolist(),
            "beyond_per_100000": np.round(model.curves * _PARTS).astype(np.int64).tolist(),
        },
        "dials": {str(spread): _dial(dial) for spread, dial in dials.items()},
    }
    return {"version": version_of(document), **document}


def version_of(document: Mapping[str, Any]) -> str:
    """Name a model by what it says, whatever it is called by itself."""
    said = {key: value for key, value in document.items() if key != "version"}
    return f"sha256:{hashlib.sha256(rfc8785.dumps(said)).hexdigest()}"


def _learnt(model: Model, history: History) -> Json:
    return {
        "file": history.file,
        "fingerprint": history.fingerprint,
        "before": _date(model.now),
        "arrived": model.arrived,
        "open": model.open,
        "half_life_days": HALF_LIFE_DAYS,
        "with_estimate": model.traits.usual_estimate is not None,
    }


def _traits(traits: Traits) -> Json:
    return {
        "places": {place: list(values) for place, values in traits.places.items()},
        "months": list(traits.months),
        "sizes": {size: list(ends) for size, ends in traits.sizes.items()},
        "usual_estimate": traits.usual_estimate,
        "pace_from": _date(traits.pace_from),
        "usual_before": {_date(first_day_of_week(week)): value for week, value in traits.usual_before.items()},
    }


def _dial(dial: Dial) -> list[Json]:
    return [
        {"chance_permille": round(1000 * asked), "value": value, "shift": shift}
        for asked, value, shift in zip(dial.asked.tolist(), dial.value.tolist(), dial.shift.tolist(), strict=True)
    ]


def read_document(document: Json, *, where: str) -> tuple[Model, dict[Spread, Dial]]:
    """Read a model as `document_of` wrote it.

    Args:
        document: An object of JSON.
        where: The file, for the error.

    Raises:
        InputError: it is no model of this format, or was changed after it was written.
    """
    if document.get("kind") != "lead_times" or document.get("format") != FORMAT:
        raise InputError(
            came=f"kind {document.get('kind')!r}, format {document.get('format')!r}",
            where=where,
            expected=f"kind lead_times, format {FORMAT}",
            todo="Give a model that houbei delivery train wrote.",
        )
    if document.get("version") != version_of(document):
        raise InputError(
            came="a model that does not say what its version says",
            where=where,
            expected="the file as it was written",
            todo="Train it again; a model is not edited by hand.",
        )
    clock, rest, learnt = document["clock"], document["rest"], document["learnt"]
    model = Model(
        traits=_read_traits(document["traits"]),
        clock=DeliveryClock.running(
            np.array(clock["paces"], dtype=np.float64),
            np.array([_day(text) for text in clock["holidays"]], dtype=np.int64),
            first_day=_day(clock["first_day"]),
            last_day=_day(clock["last_day"]),
        ),
        effects=np.array([row["effect"] for row in document["effects"]], dtype=np.float64),
        levels=np.array(rest["levels"], dtype=np.float64),
        curves=np.array(rest["beyond_per_100000"], dtype=np.float64) / _PARTS,
        days_max=document["days_max"],
        now=_day(learnt["before"]),
        arrived=learnt["arrived"],
        open=learnt["open"],
    )
    return model, {Spread(name): _read_dial(Spread(name), rows) for name, rows in document["dials"].items()}


def _read_traits(told: Json) -> Traits:
    return Traits(
        places={place: tuple(values) for place, values in told["places"].items()},
        months=tuple(told["months"]),
        sizes={size: (ends[0], ends[1]) for size, ends in told["sizes"].items()},
        usual_estimate=told["usual_estimate"],
        pace_from=_day(told["pace_from"]),
        usual_before={int(week_of(np.array([_day(text)]))[0]): value for text, value in told["usual_before"].items()},
    )


def _read_dial(spread: Spread, rows: list[Json]) -> Dial:
    return Dial(
        spread=spread,
        asked=np.array([row["chance_permille"] / 1000 for row in rows]),
        value=np.array([row["value"] for row in rows], dtype=np.float64),
        shift=np.array([row["shift"] for row in rows], dtype=np.float64),
    )


def _date(day: int) -> str:
    return str(np.datetime64(day, "D"))


def _day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(np.int64))
