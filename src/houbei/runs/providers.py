"""Which payment provider a shop pays through, by the words it is configured with."""

from houbei.errors import InputError
from houbei.payments.provider import PaymentProvider
from houbei.payments.sandbox import Sandbox

Payer = PaymentProvider
"""Who pays, for rooms above that may hold one and not call it."""
_MAKERS = {"sandbox": Sandbox}


def provider_of(configured: str) -> PaymentProvider:
    """Make a provider ready.

    Args:
        configured: Its name and where it is, like `sandbox=http://127.0.0.1:8650`.

    Raises:
        InputError: there is no such provider, or no address.
    """
    name, _, address = configured.partition("=")
    if name not in _MAKERS or not address.startswith(("http://", "https://")):
        raise InputError(
            came=repr(configured),
            where="--provider",
            expected=f"one of {', '.join(sorted(_MAKERS))}, then = and its address",
            todo="Write it like sandbox=http://127.0.0.1:8650.",
        )
    return _MAKERS[name](address)
