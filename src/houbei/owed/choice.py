"""Which of several promises answers a claim: the shop's own first, where it gives at least as good a remedy; the law is a floor.

A new unit and the money are of equal rank, and the buyer chooses between them where both are given; a repair is below both. Where
the buyer has said what they want, a promise that gives it comes before one that does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum

import numpy as np
from numpy.typing import NDArray

from houbei.columns import Text
from houbei.facts.claims import KINDS, REMEDIES
from houbei.owed.tracks import UNDECIDED_FROM, Asked, Reason, Track
from houbei.terms.replacement import Gives

Whole = NDArray[np.int64]

MONEY_BACK = REMEDIES.index("refund")
_RANK = {Gives.REPAIR: 1, Gives.REPLACE: 2, Gives.REFUND: 2}
_WANTED = 10
"""What a remedy that the buyer wants is worth beyond its rank: more than any rank."""


class Outcome(IntEnum):
    """What a claim comes to."""

    NOT_JUDGED = 0
    """The row is rejected, of no line, or after the last moment that exists."""
    ANSWERS = 1
    """A promise answers."""
    REFERRED = 2
    """A fact is missing that decides: a person must look."""
    REFUSED = 3
    """No promise answers. It can be appealed, always."""


class _Part(Enum):
    """The parts of a document that cite a clause."""

    REMEDY = 1
    SCOPE = 2
    WINDOW = 3
    USES = 4
    SERIAL = 5
    CLAIMS = 6
    FAULTS = 7
    CONDITION = 8


_SETTLED_BY = {
    Reason.ANSWERS: _Part.REMEDY,
    Reason.NOT_ASKED: _Part.REMEDY,
    Reason.NOT_SOLD_UNDER: _Part.SCOPE,
    Reason.OUT_OF_SCOPE: _Part.SCOPE,
    Reason.SCOPE_UNKNOWN: _Part.SCOPE,
    Reason.NOT_OPEN_YET: _Part.WINDOW,
    Reason.OVER: _Part.WINDOW,
    Reason.SUSPENDED: _Part.WINDOW,
    Reason.GONE: _Part.WINDOW,
    Reason.UNIT_UNKNOWN: _Part.WINDOW,
    Reason.USED_UP: _Part.USES,
    Reason.OTHER_SERIAL: _Part.SERIAL,
    Reason.SERIAL_UNKNOWN: _Part.SERIAL,
    Reason.CLAIM_EXCLUDED: _Part.CLAIMS,
    Reason.CLAIM_UNKNOWN: _Part.CLAIMS,
    Reason.FAULT_EXCLUDED: _Part.FAULTS,
    Reason.FAULT_NOT_COVERED: _Part.FAULTS,
    Reason.FAULT_UNKNOWN: _Part.FAULTS,
    Reason.NOT_INTACT: _Part.CONDITION,
    Reason.INTACT_UNKNOWN: _Part.CONDITION,
}
"""The part of a document whose clause is cited for a reason; an excluded fault cites its own."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chosen:
    """What claims come to; the fields are those of `owed.replacement.Judged`, with `clause` as a code of `clauses_of`."""

    outcome: NDArray[np.int8]
    promise: Whole
    remedy: NDArray[np.int8]
    clause: NDArray[np.int32]
    reasons: NDArray[np.uint8]
    offers: Whole

    @classmethod
    def nothing(cls, rows: int, *, tracks: int) -> "Chosen":
        """Nothing chosen yet for `rows` claims."""
        return cls(
            outcome=np.full(rows, Outcome.NOT_JUDGED, dtype=np.int8),
            promise=np.full(rows, -1, dtype=np.int64),
            remedy=np.full(rows, -1, dtype=np.int8),
            clause=np.full(rows, -1, dtype=np.int32),
            reasons=np.full((rows, tracks), Reason.NOT_ASKED, dtype=np.uint8),
            offers=np.full((rows, len(REMEDIES)), -1, dtype=np.int64),
        )

    def put(self, rows: Whole, other: "Chosen", places: Whole) -> None:
        """Write what another came to at `places` into `rows`."""
        for name in self.__slots__:
            getattr(self, name)[rows] = getattr(other, name)[places]


def choose(tracks: Sequence[Track], asked: Asked, reasons: NDArray[np.uint8]) -> Chosen:
    """Choose for each claim the promise that answers it.

    Args:
        tracks: The promises, in the order in which the shop prefers them among equals.
        asked: The claims.
        reasons: What each track says of each claim.

    Returns:
        The choice; a claim of which a promise that would give something better is undecided is referred, not settled for less.

    Cost: a few passes over the claims for each track.
    """
    rows = len(asked.place)
    chosen = Chosen.nothing(rows, tracks=len(tracks))
    chosen.reasons[:] = reasons
    if not tracks:
        chosen.outcome[:] = Outcome.REFUSED
        return chosen
    own = np.array([not track.terms.statute for track in tracks], dtype=np.int64)
    remedy, worth = _worth(tracks, asked)
    answers, undecided = reasons == Reason.ANSWERS, reasons >= UNDECIDED_FROM
    preferred = 2 * worth + own
    best, maybe = (np.where(which, preferred, -1) for which in (answers, undecided))
    is_answered = answers.any(axis=1) & (best.max(axis=1) // 2 >= maybe.max(axis=1) // 2)
    is_referred = ~is_answered & undecided.any(axis=1)
    nearest = 2 * reasons.astype(np.int64) + own
    scores = np.where(is_answered[:, None], best, np.where(is_referred[:, None], maybe, nearest))
    promise = scores.argmax(axis=1)
    every = np.arange(rows)
    chosen.outcome[:] = np.where(is_answered, Outcome.ANSWERS, np.where(is_referred, Outcome.REFERRED, Outcome.REFUSED))
    chosen.promise[:] = promise
    chosen.remedy[:] = np.where(is_answered, remedy[every, promise], -1)
    chosen.clause[:] = _cited(tracks, asked, promise, reasons[every, promise])
    for code, word in enumerate(REMEDIES):
        gives = np.array([Gives(word) in track.promises.gives for track in tracks])
        there = answers & gives
        chosen.offers[:, code] = np.where(there.any(axis=1), np.where(there, 1 + own, 0).argmax(axis=1), -1)
    return chosen


def clauses_of(tracks: Sequence[Track]) -> list[str]:
    """Every clause that a choice may cite, each once, in the order of their ids; the codes of `Chosen.clause`."""
    return sorted({clause.id for track in tracks for clause in track.terms.clauses})


def cited(chosen: Chosen, tracks: Sequence[Track]) -> Text:
    """Give the clauses that were cited as texts."""
    return Text(chosen.clause, clauses_of(tracks))


def _worth(tracks: Sequence[Track], asked: Asked) -> tuple[NDArray[np.int8], Whole]:
    """The remedy that each track would give each claim, and how good it is for the buyer."""
    wants = asked.claims.wants[asked.place]
    returns = asked.claims.kind[asked.place] == KINDS.index("return")
    wants = np.where((wants < 0) & returns, MONEY_BACK, wants)
    remedy = np.empty((len(wants), len(tracks)), dtype=np.int8)
    worth = np.empty((len(wants), len(tracks)), dtype=np.int64)
    for k, track in enumerate(tracks):
        gives = [REMEDIES.index(word) for word in track.promises.gives]
        rank = np.array([_RANK[Gives(word)] for word in REMEDIES], dtype=np.int64)
        wanted = np.isin(wants, gives)
        remedy[:, k] = np.where(wanted, wants, gives[0])
        worth[:, k] = rank[remedy[:, k]] + _WANTED * wanted
    return remedy, worth


def _cited(tracks: Sequence[Track], asked: Asked, promise: Whole, reason: NDArray[np.uint8]) -> NDArray[np.int32]:
    """The clause that each promise cites for each reason, as codes of `clauses_of`."""
    codes = {clause: code for code, clause in enumerate(clauses_of(tracks))}
    table = np.array([[codes[_clause_of(track, Reason(r))] for r in Reason] for track in tracks], dtype=np.int32)
    found = table[promise, reason]
    faults = asked.claims.faults
    for k in np.flatnonzero(reason == Reason.FAULT_EXCLUDED).tolist():
        fault = tracks[promise[k]].promises.fault(faults.values[faults.codes[asked.place[k]]])
        if fault is not None:
            found[k] = codes[fault.clause]
    return found


def _clause_of(track: Track, reason: Reason) -> str:
    """The clause of a promise that settles a question."""
    clauses = {
        _Part.REMEDY: track.promises.remedy_clause,
        _Part.SCOPE: track.terms.scope_clause,
        _Part.WINDOW: track.terms.window.clause,
        _Part.USES: track.promises.uses_clause,
        _Part.SERIAL: track.promises.serial_clause,
        _Part.CLAIMS: track.promises.claims_clause,
        _Part.FAULTS: track.promises.faults_clause,
        _Part.CONDITION: track.promises.intact_clause,
    }
    return clauses[_SETTLED_BY[reason]]
