"""From a claims history to units under observation: who is watched from when to when, which claims are faults, what is covered now."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.backtest.claims_history import History, open_units
from houbei.columns import MISSING, Text
from houbei.cover.units import Covers, split_units
from houbei.cover.windows import FOREVER
from houbei.facts.claims import KINDS, OUTCOMES
from houbei.facts.reported import units_reported
from houbei.owed.replacement import value_of_units
from houbei.owed.tracks import cover_of
from houbei.quality.costs import Reports
from houbei.quality.observed import Runs, Whole
from houbei.quality.reserve import Covered
from houbei.terms.model import Terms
from houbei.terms.replacement import AfterSwap

Marks = NDArray[np.bool_]

CONFIRMED, WITHDRAWN = OUTCOMES.index("confirmed"), OUTCOMES.index("withdrawn")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Study:
    """What is observed.

    `faults` watches units until their first fault, `reports` until their first report of any kind; a fault is a report that no
    inspection refuted. `claims` are the places of claims about faults in the history in the order of reporting, `unit` the unit that
    each is of (0 where it cannot be told), `cover` its run in `covers` (below 0 for none), `is_fault` which of them are faults.
    `outside` counts faults of units that were not watched when they were reported (undelivered, returned, past the promise), `again`
    later faults of a unit or of what replaced it. `closes` is the end of the promise for each run of `covers`.
    """

    history: History
    terms: Terms | None
    faults: Runs
    reports: Runs
    claims: Whole
    unit: Whole
    cover: Whole
    is_fault: Marks
    outside: int
    again: int
    covers: Covers
    closes: Whole
    batches: list[tuple[str, str]]
    undelivered: int


def study_of(history: History, terms: Terms | None) -> Study:
    """Put every claim on its unit and say from when to when each unit is watched.

    Args:
        history: What was read.
        terms: The promise; units are watched until it ends, because few report what nobody will act on. None: to the last moment.
    """
    covers, closes = _covers(history, terms)
    place = history.live_claims
    place = place[history.claims.kind[place] == KINDS.index("fault")]
    place = place[np.lexsort((history.claims.rank[place], history.claims.reported_us[place]))]
    reported = units_reported(history.claims, history.line, history.lines)
    unit = reported.unit[place]
    cover = cover_of(covers, history.line[place], np.maximum(unit, 1))
    outcome = history.claims.outcome[place]
    is_fault = (outcome < 0) | (outcome == CONFIRMED)
    watch = _Watch.of(history, covers, closes)
    batch, batches = _batches(history)
    groups = {"sku": _codes(history.lines.texts["sku"]), "batch": batch, "supplier": _origin(history, "supplier")}
    moments = history.claims.reported_us[place]
    faults, outside, again = watch.runs(cover[is_fault], unit[is_fault], moments[is_fault], groups)
    reports, _, _ = watch.runs(cover, unit, moments, groups)
    return Study(
        history=history,
        terms=terms,
        faults=faults,
        reports=reports,
        claims=place,
        unit=unit,
        cover=cover,
        is_fault=is_fault,
        outside=outside,
        again=again,
        covers=covers,
        closes=closes,
        batches=batches,
        undelivered=int(covers.units[watch.starts == MISSING].sum()),
    )


def _covers(history: History, terms: Terms | None) -> tuple[Covers, Whole]:
    lines = history.lines
    if terms is None:
        covers = split_units(lines, bound=lines.live, total=lines.paid_minor)
        return covers, np.full(len(covers), FOREVER)
    return open_units(history, terms)


def _codes(text: Text) -> Whole:
    return text.codes.astype(np.int64)


def _origin(history: History, name: str) -> Whole:
    text = history.origins.get(name)
    return np.full(len(history.lines), -1, dtype=np.int64) if text is None else _codes(text)


def _batches(history: History) -> tuple[Whole, list[tuple[str, str]]]:
    """Number the batches of each SKU: units of another SKU are no sisters, whatever the batch is called."""
    text = history.origins.get("batch")
    sku = history.lines.texts["sku"]
    if text is None:
        return np.full(len(sku.codes), -1, dtype=np.int64), []
    known = np.flatnonzero((text.codes >= 0) & (sku.codes >= 0))
    pairs, number = np.unique(np.stack([sku.codes[known], text.codes[known]]), axis=1, return_inverse=True)
    codes = np.full(len(sku.codes), -1, dtype=np.int64)
    codes[known] = number.reshape(len(known))
    return codes, [(sku.values[a], text.values[b]) for a, b in pairs.T.tolist()]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Watch:
    """From when to when the units of each cover are watched; `MISSING` starts for units that are not delivered."""

    covers: Covers
    starts: Whole
    ends: Whole

    @classmethod
    def of(cls, history: History, covers: Covers, closes: Whole) -> "_Watch":
        lines = history.lines
        starts = covers.delivered
        if "delivered" not in lines.moments and lines.deliveries is None:
            starts = lines.moments["placed"][covers.line]
        ends = np.minimum(closes, history.as_of_us)
        ends = np.minimum(ends, np.where(covers.returned == MISSING, FOREVER, covers.returned))
        if "cancelled" in lines.moments:
            cancelled = lines.moments["cancelled"][covers.line]
            ends = np.minimum(ends, np.where(cancelled == MISSING, FOREVER, cancelled))
        return cls(covers=covers, starts=starts, ends=np.maximum(ends, starts))

    def runs(self, cover: Whole, unit: Whole, moment: Whole, groups: Mapping[str, Whole]) -> tuple[Runs, int, int]:
        """Watch units until the first of some claims, given in the order of time; also count claims outside and later ones.

        A claim whose unit cannot be told is about one that had none yet, as long as there is one.
        """
        known = cover >= 0
        at = np.where(known, cover, 0)
        if not len(self.starts):
            return self._as_runs(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), groups), len(cover), 0
        seen = known & (self.starts[at] != MISSING) & (moment >= self.starts[at]) & (moment <= self.ends[at])
        first = seen & self._is_first(at, unit, seen)
        return self._as_runs(at[first], moment[first], groups), int((~seen).sum()), int((seen & ~first).sum())

    def _is_first(self, cover: Whole, unit: Whole, seen: Marks) -> Marks:
        told = np.flatnonzero(seen & (unit > 0))
        untold = np.flatnonzero(seen & (unit == 0))
        first = np.zeros(len(cover), dtype=np.bool_)
        keys = np.stack([self.covers.line[cover[told]], unit[told]])
        first[told[np.unique(keys, axis=1, return_index=True)[1]]] = True
        first[untold] = True
        # No more units can fail than there are: of more claims than units the first ones count.
        order = np.lexsort((np.arange(len(cover)), cover))
        order = order[first[order]]
        here = cover[order]
        begins = np.searchsorted(here, here, side="left")
        first[order[np.arange(len(order)) - begins >= self.covers.units[here]]] = False
        return first

    def _as_runs(self, failed: Whole, moment: Whole, groups: Mapping[str, Whole]) -> Runs:
        left = self.covers.units - np.bincount(failed, minlength=len(self.covers))
        rest = np.flatnonzero((left > 0) & (self.starts != MISSING))
        cover = np.concatenate([failed, rest])
        line = self.covers.line[cover]
        return Runs(
            line=line,
            units=np.concatenate([np.ones(len(failed), dtype=np.int64), left[rest]]),
            starts_us=self.starts[cover],
            ends_us=np.concatenate([moment, self.ends[rest]]),
            faulty=np.arange(len(cover)) < len(failed),
            **{name: codes[line] for name, codes in groups.items()},
        )


def reports_of(study: Study) -> Reports:
    """Give every claim about a fault with what it cost; a fault costs the unit that replaced it, at what it cost the shop."""
    history, place = study.history, study.claims
    line = history.line[place]
    worth = unit_worth(history, line)
    claims = history.claims
    return Reports(
        sku=_codes(history.lines.texts["sku"])[line],
        currency=_codes(history.lines.texts["currency"])[line],
        settled=(claims.settled_us[place] != MISSING) | (claims.outcome[place] == WITHDRAWN),
        unit_minor=worth,
        goods_minor=np.where(study.is_fault, worth, 0),
        **{
            f"{name.removesuffix('_cost')}_minor": history.amounts[name][place]
            for name in ("service_cost", "recovered", "salvage")
        },
    )


def unit_worth(history: History, line: Whole) -> Whole:
    """Give what a unit of each line costs the shop; where that is not known what was paid for it, which is more."""
    lines = history.lines
    paid = value_of_units(
        line, np.zeros(len(line), dtype=np.int64), paid_minor=lines.paid_minor, quantity=lines.quantity
    )
    cost = history.unit_minor[line]
    return np.where(cost == MISSING, paid, cost)


def covered_of(study: Study, currency: int) -> Covered | None:
    """Give the units in one currency that the promise covers now; None without a promise or where nothing says how long it lasts.

    Units not delivered yet will be covered from delivery on, as long as others are. A unit that replaced another is covered for
    what was left, or anew, as the promise says; where it gives one swap only, or ends with it, it is not.
    """
    history, covers = study.history, study.covers
    if study.terms is None or study.terms.replacement is None or not len(covers):
        return None
    now, here = history.as_of_us, _codes(history.lines.texts["currency"])[covers.line] == currency
    arrived = covers.delivered != MISSING
    lasts = (study.closes - covers.delivered)[arrived & (study.closes < FOREVER)]
    if not len(lasts):
        return None
    usual = int(np.median(lasts))
    gone = (covers.returned != MISSING) | _cancelled(history, covers)
    latest = _latest_faults(study)
    failed = study.cover[latest]
    left = covers.units - np.bincount(failed, minlength=len(covers))
    age = np.where(arrived, now - covers.delivered, 0)
    until = np.where(arrived, np.minimum(study.closes - covers.delivered, 2**61), usual)
    first = np.flatnonzero(here & ~gone & (left > 0) & (age < until))
    new_cover, new_age, new_until = _replacements(study, latest, usual)
    new = here[new_cover] & ~gone[new_cover] & (new_age < new_until)
    cover = np.concatenate([first, new_cover[new]])
    return Covered(
        units=np.concatenate([left[first], np.ones(int(new.sum()), dtype=np.int64)]),
        age_us=np.concatenate([age[first], new_age[new]]),
        until_age_us=np.concatenate([until[first], new_until[new]]),
        sku=_codes(history.lines.texts["sku"])[covers.line[cover]],
        line=covers.line[cover],
    )


def _cancelled(history: History, covers: Covers) -> Marks:
    if "cancelled" not in history.lines.moments:
        return np.zeros(len(covers), dtype=np.bool_)
    return np.asarray(history.lines.moments["cancelled"][covers.line] != MISSING)


def _latest_faults(study: Study) -> Whole:
    """Give the latest fault of each unit that has any, as places in `claims`; each fault of a unit that cannot be told is of another."""
    faults = np.flatnonzero(study.is_fault & (study.cover >= 0))[::-1]
    line, unit = study.covers.line[study.cover[faults]], study.unit[faults]
    untold = np.where(unit == 0, np.arange(1, len(unit) + 1), 0)
    return faults[np.unique(np.stack([line, unit, untold]), axis=1, return_index=True)[1]]


def _replacements(study: Study, latest: Whole, usual: int) -> tuple[Whole, Whole, Whole]:
    """The units that replaced others and are covered themselves: their cover, age, and the age at which it ends."""
    promised = study.terms.replacement if study.terms is not None else None
    settled = study.history.claims.settled_us[study.claims[latest]]
    over = promised is None or promised.after_swap is AfterSwap.END or promised.uses == 1
    swapped = np.flatnonzero((settled != MISSING) & (not over))
    cover, since = study.cover[latest[swapped]], settled[swapped]
    anew = promised is not None and promised.after_swap is AfterSwap.RESTART
    until = np.full(len(cover), usual) if anew else np.minimum(study.closes[cover] - since, 2**61)
    return cover, study.history.as_of_us - since, until
