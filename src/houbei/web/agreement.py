"""Whether the books and the payment provider agree, and by how much they do not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from houbei.ledger.entries import Code
from houbei.store.console import Moved, said_by_provider
from houbei.store.console_needs import Need
from houbei.web.frame import Frame
from houbei.web.speech import Stretch

_OUTSIDE = "outside_refund"
Sums = dict[tuple[int, str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What the books say was paid out and what the provider says, by place of the day and currency; minor units.

    `outside` are the refunds at the provider that no entry explains.
    """

    ours: Sums
    theirs: Sums
    outside: Sequence[Need]

    @property
    def apart(self) -> list[tuple[str, int]]:
        """By how much they differ, by currency; where no day differs, what was refunded outside. Empty where they agree."""
        keys = {*self.ours, *self.theirs}
        days = _added((key[1], abs(self.theirs.get(key, 0) - self.ours.get(key, 0))) for key in keys)
        return days or _added((need.currency or "", need.amount_minor or 0) for need in self.outside)

    @property
    def is_one_refund(self) -> bool:
        """Whether one refund made outside explains all of it."""
        return len(self.outside) == 1 and self.apart == _added(
            (need.currency or "", need.amount_minor or 0) for need in self.outside
        )


def compare(frame: Frame, moved: Sequence[Moved], days: Sequence[Stretch]) -> Agreement:
    """Compare the books with the provider day by day.

    Args:
        frame: The request.
        moved: What moved in the books on those days.
        days: The days.

    Cost: a pass over the replies.
    """
    return Agreement(
        ours={(one.day, one.currency): one.amount_minor for one in moved if one.code == Code.CONFIRMED},
        theirs={(day, currency): minor for day, currency, minor in said_by_provider(frame.connection, days)},
        outside=[need for need in frame.needs if need.kind == _OUTSIDE],
    )


def _added(amounts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    sums: dict[str, int] = {}
    for currency, minor in amounts:
        sums[currency] = sums.get(currency, 0) + minor
    return [(currency, minor) for currency, minor in sorted(sums.items()) if minor]
