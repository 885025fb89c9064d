"""Posting: what is owed against what is posted already, and the entries that make up the difference.

A cover was granted what stands in its cost account and what it was given. Of what lies beyond the owed, that which nobody has paid is
stopped, the latest first; the rest has been paid and is given. What is owed beyond the granted is owed anew, step by step, each
citing the step that decided it; before that, what was given counts again. So the cost account always says what is owed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.facts.grouping import sums
from houbei.ledger.entries import Code
from houbei.ledger.shares import Shares

Whole = NDArray[np.int64]

POSTED = (Code.TAKEN_UP, Code.STOPPED, Code.GIVEN, Code.OWED)
"""The codes that posting gives, in the order in which the entries of one cover stand."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Books:
    """What is posted for each cover of a batch, one entry a cover; minor units.

    `owed_minor` and `given_minor` are the balances of the cover's cost and of what it gave; `last` is the last sequence used.
    """

    owed_minor: Whole
    given_minor: Whole
    last: Whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stoppable:
    """Settlements that nobody was asked to pay yet, ordered by cover and sequence; `cover` is a place in the batch.

    `share` is which of the cover's shares is owed (0 where it has but one), `to_funder` 1 where a funder's is.
    """

    cover: Whole
    sequence: Whole
    amount_minor: Whole
    share: Whole
    to_funder: Whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Postings:
    """Entries to append, ordered by cover and sequence.

    `cover` is a place in the batch, `code` a place in `POSTED`, `step` the step that decided (-1 where what lowered the mark did),
    `share` which of the cover's shares is owed (0 where it has but one; for a stop, whether a funder's was), `settles` the sequence of the entry that a stop undoes (-1
    elsewhere).
    """

    cover: Whole
    sequence: Whole
    code: Whole
    amount_minor: Whole
    step: Whole
    share: Whole
    settles: Whole

    def __len__(self) -> int:
        return len(self.cover)


def post_owed(
    cover: Whole,
    amount_minor: Whole,
    *,
    books: Books,
    stoppable: Stoppable,
    shares: Mapping[int, tuple[Shares, Sequence[int]]] | None = None,
) -> Postings:
    """Find what is not yet posted.

    Args:
        cover: For each step of what is owed the place of its cover, ascending; the steps of a cover in the order of time.
        amount_minor: What each step adds to what its cover is owed, at least 0.
        books: What is posted.
        stoppable: What can still be stopped.
        shares: For the places of covers that several tenders or funders paid for, how what is owed is split between them, and
            what each is owed already and was not stopped (see `Shares.split`).

    Returns:
        The entries that make the books say what is owed; none where they do.

    Cost: a few passes over the steps and covers.
    """
    covers = len(books.last)
    granted = books.owed_minor + books.given_minor
    beyond = np.maximum(granted - sums(cover, amount_minor, covers), 0)
    stopped = _stopped(stoppable, beyond)
    undone = sums(stoppable.cover[stopped], stoppable.amount_minor[stopped], covers)
    given = np.maximum(beyond - undone, 0) - books.given_minor
    takes, gives = np.flatnonzero(given < 0), np.flatnonzero(given > 0)
    anew = _above(cover, amount_minor, books.owed_minor - undone - given)
    steps = np.flatnonzero(anew)
    steps, parts, share = _split(cover, steps, anew[steps], _standing(shares or {}, stoppable, stopped))
    nothing = np.full(max(covers, len(stoppable.cover)), -1)
    return _in_sequence(
        cover=(takes, stoppable.cover[stopped], gives, cover[steps]),
        amount=(-given[takes], stoppable.amount_minor[stopped], given[gives], parts),
        step=(
            _deciding(cover, amount_minor, books.owed_minor, takes),
            nothing[: len(stopped)],
            nothing[: len(gives)],
            steps,
        ),
        share=(0 * takes, stoppable.to_funder[stopped], 0 * gives, share),
        settles=(nothing[: len(takes)], stoppable.sequence[stopped], nothing[: len(gives)], np.full(len(steps), -1)),
        last=books.last,
    )


def _standing(
    shares: Mapping[int, tuple[Shares, Sequence[int]]], stoppable: Stoppable, stopped: Whole
) -> dict[int, tuple[Shares, list[int]]]:
    """The shares of covers, and what each stands at once some settlements are stopped."""
    standing = {place: (one, list(before)) for place, (one, before) in shares.items()}
    if standing:
        rows = zip(stoppable.cover[stopped], stoppable.share[stopped], stoppable.amount_minor[stopped], strict=True)
        for place, share, amount in rows:
            if int(place) in standing:
                standing[int(place)][1][int(share)] -= int(amount)
    return standing


def _split(
    cover: Whole, steps: Whole, anew: Whole, shares: Mapping[int, tuple[Shares, list[int]]]
) -> tuple[Whole, Whole, Whole]:
    """Split what is newly owed by shares: steps, amounts above 0 and shares; a cover without shares keeps each amount whole."""
    if not shares:
        return steps, anew, 0 * steps
    rows = []
    for step, place, amount in zip(steps.tolist(), cover[steps].tolist(), anew.tolist(), strict=True):
        if place not in shares:
            rows.append((step, amount, 0))
            continue
        one, standing = shares[place]
        for share, part in enumerate(one.split(amount, standing=standing)):
            standing[share] += part
            rows += [(step, part, share)] if part else []
    table = np.array(rows, dtype=np.int64).reshape(len(rows), 3)
    return table[:, 0], table[:, 1], table[:, 2]


def _stopped(stoppable: Stoppable, fall: Whole) -> Whole:
    """The places of the settlements to stop: the latest of each cover first, whole ones, until the fall is covered."""
    backwards = np.arange(len(stoppable.cover))[::-1]
    before = _running(stoppable.cover[backwards], stoppable.amount_minor[backwards]) - stoppable.amount_minor[backwards]
    return np.asarray(backwards[before < fall[stoppable.cover[backwards]]])


def _above(cover: Whole, amount: Whole, posted: Whole) -> Whole:
    """The part of each step that lies above what is posted for its cover."""
    reached = _running(cover, amount)
    above: Whole = np.maximum(reached - np.maximum(reached - amount, posted[cover]), 0)
    return above


def _deciding(cover: Whole, amount: Whole, posted: Whole, covers: Whole) -> Whole:
    """For each of some covers the first step above what was posted, -1 where there is none."""
    first = np.full(len(posted), -1)
    steps = np.flatnonzero(_above(cover, amount, posted))[::-1]
    first[cover[steps]] = steps
    return np.asarray(first[covers])


def _running(group: Whole, amount: Whole) -> Whole:
    """Running sums within groups of neighbours."""
    total = np.cumsum(amount)
    begins = np.flatnonzero(np.diff(group, prepend=-1) != 0)
    before = np.concatenate(([0], total))[begins]
    running: Whole = total - np.repeat(before, np.diff(begins, append=len(group)))
    return running


def _in_sequence(
    *,
    cover: Sequence[Whole],
    amount: Sequence[Whole],
    step: Sequence[Whole],
    share: Sequence[Whole],
    settles: Sequence[Whole],
    last: Whole,
) -> Postings:
    """Put the entries of all codes together, cover by cover, and number those of each cover on."""
    code = np.repeat(np.arange(len(POSTED)), [len(piece) for piece in cover])
    covers = np.concatenate(cover)
    order = np.lexsort((np.arange(len(code)), code, covers))
    covers = covers[order]
    return Postings(
        cover=covers,
        sequence=last[covers] + _running(covers, np.ones(len(covers), dtype=np.int64)),
        code=code[order],
        amount_minor=np.concatenate(amount)[order],
        step=np.concatenate(step)[order],
        share=np.concatenate(share)[order],
        settles=np.concatenate(settles)[order],
    )
