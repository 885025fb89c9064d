"""The sandbox provider over HTTP (see `houbei sandbox` and docs/sandbox.md)."""

from collections.abc import Sequence

from houbei.payments.answers import Refusal, Unanswered
from houbei.payments.provider import Asked, Receipt, Stands
from houbei.payments.sandbox_calls import KEY, PAGE, Json, us_of
from houbei.payments.sandbox_holds import SandboxHolds


class Sandbox(SandboxHolds):
    """The sandbox at an address (see `SandboxCalls`)."""

    name = "sandbox"
    key_lifetime_us = 24 * 3_600_000_000

    def refund(self, asked: Asked) -> Receipt | Refusal | Unanswered:
        """Ask for a refund (see `PaymentProvider`)."""
        body = {
            "payment": asked.payment,
            "amount_minor": asked.amount_minor,
            "currency": asked.currency,
            "metadata": {**dict(asked.told), KEY: asked.settlement},
        }
        found = self.act("/refunds", key=asked.settlement, body=body)
        return found if isinstance(found, Refusal | Unanswered) else _receipt(found)

    def find(self, asked: Asked) -> Receipt | Unanswered | None:
        """Look for the refund of a settlement (see `PaymentProvider`)."""
        found = self.look_through("/refunds", payment=asked.payment, settlement=asked.settlement)
        if isinstance(found, Unanswered):
            return found
        return _receipt(found[0]) if found else None

    def read(self, reference: str) -> Receipt | Unanswered | None:
        """Read one refund (see `PaymentProvider`)."""
        found = self.look(f"/refunds/{reference}")
        return found if found is None or isinstance(found, Unanswered) else _receipt(found)

    def list_after(self, cursor: str | None) -> tuple[Sequence[Receipt], str | None] | Unanswered:
        """List refunds (see `PaymentProvider`); the cursor is the last one's reference."""
        found = self.look_through("/refunds", limit=str(PAGE), **({} if cursor is None else {"after": cursor}))
        if isinstance(found, Unanswered):
            return found
        receipts = [_receipt(one) for one in found]
        return receipts, receipts[-1].reference if receipts else cursor


def _receipt(found: Json) -> Receipt:
    return Receipt(
        reference=found["id"],
        stands=Stands(found["state"]),
        settlement=found["metadata"].get(KEY),
        payment=found["payment"],
        amount_minor=found["amount_minor"],
        currency=found["currency"],
        reason=found["failure_code"],
        at_us=us_of(found["updated_at"]),
        told=tuple(sorted(found["metadata"].items())),
    )
