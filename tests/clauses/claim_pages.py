"""The rows of the pages on replacements: claims read from their cells, judged as a history is."""

import copy
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import yaml

from houbei.facts.claims import REMEDIES
from houbei.owed.choice import Outcome
from houbei.owed.missing import facts_missing
from houbei.owed.tracks import Reason
from houbei.store.terms_files import load_terms, statutes
from houbei.terms.document import parse_terms
from houbei.terms.model import Terms
from tests.clauses.pages import Fields, block, fields, parts, read
from tests.oracle.claim_agreement import judged_of

PAGE = "replacement.md"
LONG_AFTER = datetime(2030, 1, 1, tzinfo=UTC)


def promise_of(cell: str) -> Terms:
    """The promise of the page with what a cell changes."""
    document = copy.deepcopy(block(PAGE, "promise"))
    for path, value in read(f"{{{cell.strip('`')}}}").items():
        *outer, last = path.split(".")
        inner = document
        for key in outer:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return parse_terms(yaml.safe_dump(document, allow_unicode=True), where="the promise of a row")


def promises_of(cell: str) -> list[Terms]:
    """The documents that a cell names: the shop's own on the page, those that ship, the statutes of a country."""
    own: dict[str, Any] = block("the-law-beside-it.md", "shop")
    found: list[Terms] = []
    for name in cell.split(", "):
        if name in own:
            found.append(parse_terms(yaml.safe_dump(own[name], allow_unicode=True), where=name))
        else:
            found += statutes(name) if name.isupper() else [load_terms(name)]
    return found


def bought_of(cell: str) -> list[Fields]:
    """The order line of a `bought` cell."""
    (piece,) = parts(cell)
    paid, _, rest = piece.partition(",")
    return [{**block(PAGE, "line"), "paid": paid, **fields(rest)}]


def claims_of(cell: str) -> list[Fields]:
    """The claims of a `reported` cell."""
    pieces = [part.partition(",") for part in parts(cell)]
    same = block(PAGE, "claim")
    return [
        {**same, "claim_id": str(number), "reported_at": at, **fields(rest)}
        for number, (at, _, rest) in enumerate(pieces)
    ]


def answers(promises: Sequence[Terms], orders: list[Fields], claims: list[Fields], *, named: bool) -> list[str]:
    """What each claim comes to, in the words of the pages; `named` names the document before its clause."""
    judged, read_in, lines, _ = judged_of(promises, orders, claims, as_of=LONG_AFTER)
    said = []
    for place in range(len(read_in)):
        promise = promises[judged.promise[place]]
        clause = judged.clause.values[judged.clause.codes[place]]
        cited = f"({promise.term} {clause})" if named else f"({clause})"
        outcome = Outcome(int(judged.outcome[place]))
        reason = Reason(int(judged.reasons[place, judged.promise[place]]))
        if judged.case[place] != place:
            said.append("same case")
        elif outcome is Outcome.ANSWERS:
            said.append(f"{REMEDIES[judged.remedy[place]]} {cited}")
        elif outcome is Outcome.REFERRED:
            missing = facts_missing(promise, reason, read_in, lines, place=place, line=0)
            said.append(f"referred {cited}: {', '.join(missing)}")
        else:
            said.append(f"refused {cited}")
    return said
