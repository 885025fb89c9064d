"""Caps per order and per buyer need every step of every batch at once: the second, small pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import Days
from houbei.facts.arrow import ranks_of
from houbei.facts.grouping import sums
from houbei.facts.orders import Lines
from houbei.owed.caps import SharedCap, share_caps
from houbei.owed.price import Steps
from houbei.owed.remedy import Rule
from houbei.owed.rules import limit_of, remedy_rules
from houbei.terms.model import Cap, Scope, Terms

Whole = NDArray[np.int64]
_SCOPE_KEYS = {Scope.ORDER: "order_id", Scope.BUYER: "buyer_id"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Claims:
    """Steps of a batch as claims on shared caps, with what the second pass needs to know of their lines."""

    lines: Lines
    steps: Steps
    step: Whole
    asked: Whole
    at: Whole
    line_id: Any
    keys: dict[str, Whole]
    limits: Whole
    currency: Whole
    least: Whole


def claims_of(terms: Terms, lines: Lines, steps: Steps, *, basis_minor: Whole) -> Claims:
    """Gather a batch's paying steps as claims.

    Args:
        terms: The promise.
        lines: The batch.
        steps: Its steps before shared caps. Lines without a buyer share no purse.
        basis_minor: What each line's price protection measures from.
    """
    rows = np.flatnonzero(steps.held == 0)
    line = steps.line[rows]
    currency = lines.texts["currency"]
    caps = shared(terms)
    limits = np.zeros((len(caps), len(rows)), dtype=np.int64)
    for k, cap in enumerate(caps):
        limits[k] = limit_of(cap, currency, basis_minor)[line]
    keys = {}
    for cap in caps:
        name = _SCOPE_KEYS[cap.scope]
        codes = lines.texts[name].codes.astype(np.int64) if name in lines.texts else np.full(len(lines), -1)
        keys[name] = codes[line]
    rules = remedy_rules(terms, currency.values)
    return Claims(
        lines=lines,
        steps=steps,
        step=rows,
        asked=steps.amount[rows],
        at=steps.at[rows],
        line_id=lines.line_ids(line),
        keys=keys,
        limits=limits,
        currency=currency.codes[line].astype(np.int64),
        least=rules[currency.codes[line], Rule.LEAST_PAID],
    )


def shared(terms: Terms) -> list[Cap]:
    """The caps that several lines share, narrowest first."""
    return [cap for cap in terms.remedy.caps if cap.scope in _SCOPE_KEYS]


def grant(terms: Terms, batches: Sequence[Claims], *, days: Days) -> list[Whole]:
    """Cut the claims of all batches to the shared caps; give what each step pays, batch by batch.

    What arrives first takes first: by moment, then line_id, then the step's place. A purse is one order's or one buyer's, in one
    currency, and in one local month or year where the cap has a period.
    """
    at = np.concatenate([claims.at for claims in batches])
    by_id = ranks_of([claims.line_id for claims in batches])
    arrival = np.lexsort((np.arange(len(at)), by_id, at)).astype(np.int64)
    currency = np.concatenate([claims.currency for claims in batches])
    limits = np.concatenate([claims.limits for claims in batches], axis=1)
    caps = []
    for k, cap in enumerate(shared(terms)):
        key = np.concatenate([claims.keys[_SCOPE_KEYS[cap.scope]] for claims in batches])
        caps.append(SharedCap(purse=_purses(days, cap, key, currency, at), limit=limits[k]))
    granted = share_caps(
        np.concatenate([claims.asked for claims in batches]),
        arrival=arrival,
        caps=caps,
    )
    least = np.concatenate([claims.least for claims in batches])
    granted = np.where(_paid_together(batches, granted) < least, 0, granted)
    return np.split(granted, np.cumsum([len(claims.asked) for claims in batches])[:-1])


def _paid_together(batches: Sequence[Claims], granted: Whole) -> Whole:
    """For each step, what its line would be paid at its moment in all: what a least payout is compared with."""
    line = np.concatenate([claims.lines.row[claims.steps.line[claims.step]] for claims in batches])
    at = np.concatenate([claims.at for claims in batches])
    if not len(at):
        return granted
    begins = np.concatenate(([True], (line[1:] != line[:-1]) | (at[1:] != at[:-1])))
    group = np.cumsum(begins) - 1
    return np.asarray(sums(group, granted, int(group[-1]) + 1)[group])


def _purses(days: Days, cap: Cap, key: Whole, currency: Whole, at: Whole) -> Whole:
    period = np.zeros(len(at), dtype=np.int64)
    if cap.period is not None and len(at):
        local = days.day_of(at).astype("datetime64[D]")
        unit = "datetime64[M]" if cap.period == "month" else "datetime64[Y]"
        period = local.astype(unit).astype(np.int64)
    whole = np.stack([key, currency, period], axis=1)
    _, purse = np.unique(whole, axis=0, return_inverse=True)
    return np.where(key < 0, -1, purse.reshape(-1)).astype(np.int64)
