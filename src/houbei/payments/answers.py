"""The answers that are no receipts: the provider will not, or says nothing that can be read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The provider did not act and will not: `code` is stable; `final` says whether the payment itself is at an end."""

    code: str
    reason: str
    final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """No answer that can be read. `wait_s` is how long the provider asked us to wait, 0 where it did not.

    `may_have_acted` is False only where it surely did nothing: it sent us away, or it was never reached.
    """

    reason: str
    wait_s: int = 0
    may_have_acted: bool = True
