"""The lead times that promises under way are measured by: a model learnt from history, or what a network's document says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.carriers import open_days
from houbei.calendars.days import Days
from houbei.delivery.lead_times import KEYS, NO_GROUP, Counts, LeadTimes, Starts
from houbei.delivery.network import Loaded
from houbei.delivery.pace import Pace
from houbei.delivery.watch_rules import DAY_US
from houbei.errors import InputError

Marks = NDArray[np.bool_]
_WITHIN = "-/"
"""What parts a region's name from that of the one it lies in."""
REST_DAYS_MAX = 60
"""How many days back it is looked for a carrier's last day of rest."""
Lane = tuple[str | None, str | None]
"""A region and a carrier; None where they are not known."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lanes:
    """For some lanes the rows of lead times and of the days that they count."""

    pace: Pace
    group: dict[Lane, int]
    calendar: dict[Lane, int]


class Pacing:
    """Lead times, ready to be asked for lanes.

    Args:
        lead_times: What was learnt, or what the network says.
        network: Whose carriers' calendars tell on which days parcels move; None where every day counts.

    Raises:
        InputError: the lead times count the days on which parcels move, and no network says which these are.
    """

    def __init__(self, lead_times: LeadTimes, network: Loaded | None) -> None:
        if lead_times.counts is Counts.MOVING and network is None:
            raise InputError(
                came="lead times in days on which parcels move",
                where="--model",
                expected="the network whose carriers' calendars say which days these are",
                todo="Name it with --network, or give a model that counts calendar days.",
            )
        self._lead_times, self._network = lead_times, network
        self._within = {} if network is None else {one.id: one.within for one in network.network.regions}
        self._rows = {_names(one.key): row for row, one in enumerate(lead_times.groups)}
        named = {tuple(name for name, _ in names) for names in self._rows}
        # Narrower groups first: those that name more, then those that name an earlier key.
        self._named = sorted(named, key=lambda keys: (-len(keys), [KEYS.index(key) for key in keys]))

    def lanes(self, asked: Sequence[Lane], days: Days, *, from_us: int, until_us: int) -> Lanes:
        """Give the lead times of some lanes.

        Args:
            asked: The lanes.
            days: The local days of the shop.
            from_us: The first moment that is asked about.
            until_us: The last.

        Cost: a look-up a lane; a calendar a carrier and region where parcels rest on some days.
        """
        first, last = days.day_of(np.array([from_us, until_us])).tolist()
        lanes = sorted(set(asked), key=lambda lane: (lane[0] or "", lane[1] or ""))
        group = {lane: self._group(lane) for lane in lanes}
        moving = self._lead_times.counts is Counts.MOVING
        counted, calendar = [np.ones(last - first + 1, dtype=np.bool_)], dict.fromkeys(lanes, 0)
        for lane in lanes if moving else ():
            found = self._moving(lane, first, last)
            if found is None:
                # On which days its carrier moves nobody knows: the promise is taken at its word.
                group[lane] = NO_GROUP
            else:
                calendar[lane] = len(counted)
                counted.append(found)
        pace = Pace(
            within_permille=self._lead_times.within_permille,
            from_hand_over=self._lead_times.starts is Starts.HANDOVER,
            counted=np.stack(counted),
            first_day=first,
            days=days,
        )
        return Lanes(pace=pace, group=group, calendar=calendar)

    def working_since(self, carriers: Sequence[str], *, now_us: int) -> dict[str, int | None]:
        """Find since when carriers have worked without a day of rest: a midnight, None where they rest today.

        A carrier rests on a day on which its calendar has it pick up, move and deliver nowhere. Carriers without a calendar are left out.

        Args:
            carriers: The carriers.
            now_us: What time it is.

        Cost: a calendar of some weeks a carrier.
        """
        if self._network is None:
            return {}
        network = self._network.network
        days = Days.over(network.zone, from_us=now_us - REST_DAYS_MAX * DAY_US, to_us=now_us)
        today = int(days.day_of(np.array([now_us]))[0])
        regions = tuple(sorted(self._within))
        found: dict[str, int | None] = {}
        for carrier in carriers:
            try:
                open_on = open_days(
                    self._network.carriers,
                    carrier=carrier,
                    regions=regions,
                    from_day=today - REST_DAYS_MAX,
                    to_day=today,
                )
            except InputError:
                continue
            works = (open_on.shipping | open_on.transit | open_on.delivery).any(axis=0)
            rests = np.flatnonzero(~works)
            first = int(rests[-1]) + 1 if len(rests) else 0
            since = days.midnight(np.array([today - REST_DAYS_MAX + first]))
            found[carrier] = None if first > REST_DAYS_MAX else int(since[0])
        return found

    def _group(self, lane: Lane) -> int:
        """The narrowest group that holds a lane; of its origin, service and weight a delivery under way says nothing."""
        region, carrier = lane
        around = self._around(region) if region is not None else [None]
        for keys in self._named:
            for here in around:
                known = {"region": here, "carrier": carrier}
                row = self._rows.get(tuple((key, known.get(key)) for key in keys), NO_GROUP)
                if row != NO_GROUP:
                    return row
        return NO_GROUP

    def _moving(self, lane: Lane, first: int, last: int) -> Marks | None:
        region, carrier = lane
        if self._network is None or region not in self._within or carrier is None:
            return None
        try:
            days = open_days(self._network.carriers, carrier=carrier, regions=(region,), from_day=first, to_day=last)
        except InputError:
            return None
        found: Marks = days.transit[0]
        return found

    def _around(self, region: str) -> Sequence[str]:
        """A region and those it lies in: as the network says, else by its name."""
        found, here = [region], region
        while True:
            wider = self._within.get(here) or _wider(here)
            if wider is None or wider in found:
                return found
            found.append(wider)
            here = wider


def _names(key: Mapping[str, str]) -> tuple[tuple[str, str | None], ...]:
    return tuple((name, key[name]) for name in KEYS if name in key)


def _wider(region: str) -> str | None:
    """The region that a name says it lies in: `CN-11` for `CN-11/haidian`, `CN` for that; None where the name has no part."""
    cut = max(region.rfind(mark) for mark in _WITHIN)
    return region[:cut] if cut > 0 else None
