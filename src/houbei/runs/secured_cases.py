"""Where the outbox of holds reads the live store's cases and tells them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from houbei.facts.steps import Step, check_step
from houbei.runs.case_holds import secured_case
from houbei.runs.cases import promises_by_seq, tell_in
from houbei.runs.hold_wants import SecuredCase
from houbei.store.cases import find_case, to_secure
from houbei.store.marks import live_through


@dataclass(frozen=True, slots=True)
class StoredCases:
    """The cases of the store that a connection belongs to (see `SecuredCases`)."""

    def find(self, connection: Connection, case_id: str) -> SecuredCase | None:
        """Give a case. Cost: four look-ups."""
        standing = find_case(connection, case_id)
        return None if standing is None else secured_case(connection, standing, promises_by_seq(connection))

    def to_secure(self, connection: Connection, *, after: str, most: int) -> Sequence[SecuredCase]:
        """Give cases that want a hold or rely on one. Cost: a pass over the cases that are not over."""
        promises = promises_by_seq(connection)
        found = to_secure(connection, after=after, most=most)
        return [secured_case(connection, one, promises) for one in found]

    def tell(self, connection: Connection, step: Step) -> bool:
        """Take a step in."""
        check_step(step, where=f"case {step.case}")
        return not tell_in(connection, step, now_us=live_through(connection, step.known_us)).known
