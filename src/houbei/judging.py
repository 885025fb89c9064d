"""Claims put to every promise that may answer them: the shop's own terms, what the law asks for, returns for no reason.

As `engine` does for prices, this makes promises ready for facts and asks; the rules stand in `owed`. One claim is a batch of one.
"""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from houbei.cover.windows import FOREVER
from houbei.engine import Binding, Engine, reading_of
from houbei.facts.claims import ClaimReading, Claims, find_lines
from houbei.facts.dictionary import Dictionaries
from houbei.facts.orders import Lines, Reading
from houbei.owed.replacement import Before, Judged, judge
from houbei.owed.tracks import Track
from houbei.terms.model import Terms
from houbei.terms.versions import bind


def reading_of_promises(
    promises: Sequence[Terms], *, present: Collection[str], as_of_us: int = FOREVER
) -> tuple[Reading, ClaimReading]:
    """Say what the readers of orders and of claims must know for promises that run side by side.

    Args:
        promises: At least one. Moments that name no zone are read in the zone of the first.
        present: The columns of the orders. What only a law asks for may be absent, and is unknown then; what a term of the shop's own
            asks for may not.
        as_of_us: The last moment that exists.
    """
    readings = [(reading_of(terms)[0], terms.statute) for terms in promises]
    here = {*present, "gift"}
    named = {name for reading, statute in readings for name in reading.named if not statute or name in here}
    anchors = {name for reading, statute in readings for name in reading.anchors if not statute or f"{name}_at" in here}
    found = [terms.replacement.claims_where for terms in promises if terms.replacement is not None]
    claims = frozenset[str]().union(*(where.columns for where in found if where is not None))
    zone = promises[0].zone
    orders = Reading(zone=zone, named=frozenset(named), anchors=frozenset(anchors), serials=True, as_of_us=as_of_us)
    return orders, ClaimReading(zone=zone, named=claims, as_of_us=as_of_us)


def judge_claims(
    claims: Claims,
    lines: Lines,
    promises: Sequence[Terms],
    *,
    dictionaries: Dictionaries,
    as_of_us: int,
    before: Before | None = None,
) -> tuple[Judged, NDArray[np.int64]]:
    """Judge a batch of claims under every promise that may answer them.

    Args:
        claims: All claims of the units that any of them is about.
        lines: The lines, read as `reading_of_promises` says.
        promises: Replacements and returns, the shop's own and those of the law, in the order in which the shop prefers them among
            equals; of one term as many versions as there are.
        dictionaries: The codes that claims and lines use.
        as_of_us: The last moment that exists.
        before: What happened to the units before the first of these claims.

    Returns:
        The answers, and the line of each claim (-1 where these lines hold none).

    Cost: `owed.replacement.judge`, and binding and opening the lines once for each promise.
    """
    line = find_lines(claims, lines, dictionaries=dictionaries)
    versions: dict[str, list[int]] = {}
    for place, terms in enumerate(promises):
        versions.setdefault(terms.term, []).append(place)
    tracks: list[Track] = []
    for place, terms in enumerate(promises):
        among = versions[terms.term]
        under = bind(lines.moments["placed"], [promises[other] for other in among])
        sold_under = np.equal(under, among.index(place))
        tracks.append(_track_of(terms, lines, dictionaries=dictionaries, sold_under=sold_under, as_of_us=as_of_us))
    return judge(claims, lines, tracks, line=line, before=before), line


def _track_of(
    terms: Terms, lines: Lines, *, dictionaries: Dictionaries, sold_under: NDArray[np.bool_], as_of_us: int
) -> Track:
    """Bind one replacement or return to a batch of lines; a line of which it is not known whether it is in scope has a cover, too."""
    from_us = int(lines.moments["placed"][lines.live].min(initial=as_of_us))
    engine = Engine(terms, dictionaries=dictionaries, from_us=from_us, as_of_us=as_of_us)
    binding = engine.bind(lines)
    either = Binding(bound=binding.bound | binding.undecided, undecided=binding.undecided)
    covers, openings = engine.open(lines, binding=either)
    return Track(
        terms=terms,
        sold_under=sold_under,
        undecided=binding.undecided,
        covers=covers,
        openings=openings,
        days=engine.days,
        rolling=engine.rolling,
    )
