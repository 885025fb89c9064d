"""What of a promise leads a case, read once a process."""

from houbei.case.rules import rules_of
from houbei.case.stages import Rules
from houbei.terms.model import Terms

_UNJUDGED = Rules()
_READ: dict[tuple[str, str], Rules] = {}
"""Rules that were read before in this process: documents never change."""


def leading(terms: Terms | None, currency: str) -> Rules:
    """Give what leads a case.

    Args:
        terms: The promise that answers it; None before it is judged.
        currency: Of the line, for limits.
    """
    if terms is None:
        return _UNJUDGED
    key = (terms.sha256, currency)
    if key not in _READ:
        _READ[key] = rules_of(terms, currency=currency)
    return _READ[key]
