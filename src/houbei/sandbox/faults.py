"""What goes wrong, and how often: one table that can be changed while the sandbox runs, and the dice that decide.

Chances are whole numbers per mille; each chance above 0 is one throw of the dice, so that a seed and the same calls in the same order
meet the same faults.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from numpy.random import PCG64, Generator

from houbei.errors import InputError

PerMille = Annotated[int, msgspec.Meta(ge=0, le=1000)]
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=600_000)]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=366 * 86_400)]

DAY_S = 86_400


class Faults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every fault with its strength; the defaults are a provider on a good day."""

    lost_reply: PerMille = 0
    """A refund is made, kept, and the connection closed without a reply."""
    error_after_acting: PerMille = 0
    """A refund is made and kept; the reply is a 500."""
    replay_500: bool = False
    """The 500 of `error_after_acting` is what the key is answered with from then on."""
    error_before_acting: PerMille = 0
    """Nothing is done; the reply is a 500 or a 503."""
    conflict: PerMille = 0
    """409 `key_in_use`, although no other request with the key runs."""
    throttle: PerMille = 0
    """429 with `Retry-After`."""
    slow: PerMille = 0
    """The reply takes `slow_ms`; a refund is made only after it, and its key is in use until then."""
    slow_ms: Milliseconds = 1000
    """How long a slow reply takes."""
    unavailable: bool = False
    """503 to every call of the provider's."""
    pending_then_succeeded: PerMille = 0
    """The refund is `pending` first."""
    pending_then_failed: PerMille = 0
    """The refund is `pending` first, then `failed`."""
    succeeded_then_failed: PerMille = 0
    """The bank returns the money after the refund `succeeded`."""
    failed_at_once: PerMille = 0
    """The reply is a 201, and the refund in it has `failed`."""
    settle_after_s: Seconds = 2
    """How long after one state the next one comes."""
    key_lifetime_s: Seconds = DAY_S
    """How long a key is remembered; afterwards it makes a second refund."""
    webhook_lost: PerMille = 0
    """The event is never sent."""
    webhook_twice: PerMille = 0
    """The event is sent twice."""
    webhook_late_ms: Milliseconds = 0
    """How long every event waits before it is sent."""
    webhook_reordered: PerMille = 0
    """The event arrives after the next one of its refund or, where none is to come, after the next one of any."""
    webhook_forged: PerMille = 0
    """Somebody sends another event that says something else, with a signature that does not fit."""
    webhook_stale: PerMille = 0
    """The event arrives once more, rightly signed an hour ago."""
    card_refuses: PerMille = 0
    """The card's bank says no to a hold, or to its renewal."""
    hold_lifetime_s: Seconds = 7 * DAY_S
    """How long a hold lasts from its authorisation or renewal; then it is gone by itself."""
    any_payment: bool = False
    """A payment that nobody registered counts as captured with all that is asked of it: for trying one's own orders."""


def with_changes(faults: Faults, changes: Mapping[str, object], *, strict: bool = True) -> Faults:
    """Change some faults and leave the others.

    Args:
        faults: What holds until now.
        changes: New strengths by name.
        strict: Numbers and flags come as such; otherwise their texts (`"250"`, `"true"`) are read, too.

    Raises:
        InputError: a name that is no fault, or a strength out of range.
    """
    try:
        return msgspec.convert({**msgspec.to_builtins(faults), **changes}, Faults, strict=strict)
    except msgspec.ValidationError as error:
        raise InputError(
            came=str(error),
            where="the faults",
            expected=f"some of {', '.join(Faults.__struct_fields__)}, chances from 0 to 1000",
            todo="Correct the fault.",
        ) from error


class Dice:
    """Decides whether a fault strikes.

    Args:
        generator: Where chance comes from, with its seed.
    """

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    def strikes(self, per_mille: int) -> bool:
        """Throw once for a chance; never for none."""
        return per_mille > 0 and int(self._generator.integers(1000)) < per_mille


def seeded(seed: int, stream: int) -> Dice:
    """Make dice that fall the same way for the same seed; streams of one seed do not disturb each other."""
    return Dice(Generator(PCG64([seed, stream])))
