"""The time the sandbox lives in: the system's, or the moment it was told, which stands still until it is told another."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)


def system_now() -> datetime:
    """Read the system's clock: the one place in the sandbox that does."""
    return datetime.now(UTC)  # noqa: TID251  it plays an outside system, which has a clock of its own


def us_of(moment: datetime) -> int:
    """Give a moment as microseconds since 1970."""
    return (moment - EPOCH) // _US


def moment_of(us: int) -> datetime:
    """Give the moment that is so many microseconds after 1970."""
    return EPOCH + us * _US


class SandboxClock:
    """A clock that follows the system's until it is set, and again once it is set to nothing."""

    def __init__(self) -> None:
        self._told: datetime | None = None

    def set_to(self, moment: datetime | None) -> None:
        """Stand still at a moment; follow the system's clock where there is none."""
        self._told = None if moment is None else moment.astimezone(UTC)

    def now(self) -> datetime:
        """Give the moment it is in the sandbox."""
        return system_now() if self._told is None else self._told

    def now_us(self) -> int:
        """Give the moment it is in the sandbox, in microseconds since 1970."""
        return us_of(self.now())
