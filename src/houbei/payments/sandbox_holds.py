"""The sandbox's holds over HTTP."""

from collections.abc import Sequence
from types import MappingProxyType

from houbei.payments.answers import Refusal, Unanswered
from houbei.payments.holds import ABOVE_HOLD, HoldAct, HoldAsked, HoldReceipt, HoldStands
from houbei.payments.sandbox_calls import KEY, PAGE, Json, SandboxCalls, us_of

_STANDS = MappingProxyType(
    {
        "authorised": HoldStands.HELD,
        "renewed": HoldStands.HELD,
        "captured": HoldStands.CAPTURED,
        "released": HoldStands.RELEASED,
        "expired": HoldStands.LAPSED,
        "refused": HoldStands.REFUSED,
    }
)


class SandboxHolds(SandboxCalls):
    """The part of the sandbox that holds."""

    def hold(self, asked: HoldAsked) -> HoldReceipt | Refusal | Unanswered:
        """Ask for a hold (see `HoldProvider`)."""
        body = {
            "payment": asked.payment,
            "amount_minor": asked.amount_minor,
            "currency": asked.currency,
            "metadata": {**dict(asked.told), KEY: asked.key},
        }
        return _read(self.act("/holds", key=asked.key, body=body))

    def renew(self, act: HoldAct) -> HoldReceipt | Refusal | Unanswered:
        """Ask that a hold last anew (see `HoldProvider`)."""
        return _read(self.act(f"/holds/{act.reference}/renew", key=act.key))

    def capture(self, act: HoldAct, *, amount_minor: int) -> HoldReceipt | Refusal | Unanswered:
        """Ask for a part of a hold (see `HoldProvider`); more than is held is refused without asking."""
        if amount_minor > act.held_minor:
            reason = f"{amount_minor} minor units of a hold of {act.held_minor}"
            return Refusal(code=ABOVE_HOLD, reason=reason, final=False)
        return _read(self.act(f"/holds/{act.reference}/capture", key=act.key, body={"amount_minor": amount_minor}))

    def release(self, act: HoldAct) -> HoldReceipt | Refusal | Unanswered:
        """Ask that a hold be let go (see `HoldProvider`)."""
        return _read(self.act(f"/holds/{act.reference}/release", key=act.key))

    def find_hold(self, asked: HoldAsked) -> HoldReceipt | Unanswered | None:
        """Look for the hold of a key (see `HoldProvider`)."""
        found = self.look_through("/holds", payment=asked.payment, settlement=asked.key)
        if isinstance(found, Unanswered):
            return found
        return _receipt(found[0]) if found else None

    def read_hold(self, reference: str) -> HoldReceipt | Unanswered | None:
        """Read one hold (see `HoldProvider`)."""
        found = self.look(f"/holds/{reference}")
        return found if found is None or isinstance(found, Unanswered) else _receipt(found)

    def list_holds_after(self, cursor: str | None) -> tuple[Sequence[HoldReceipt], str | None] | Unanswered:
        """List holds (see `HoldProvider`); the cursor is the last one's reference."""
        found = self.look_through("/holds", limit=str(PAGE), **({} if cursor is None else {"after": cursor}))
        if isinstance(found, Unanswered):
            return found
        receipts = [_receipt(one) for one in found]
        return receipts, receipts[-1].reference if receipts else cursor

    def names_hold(self, reference: str) -> bool:
        """Whether a reference is a hold's (see `HoldProvider`)."""
        return reference.startswith("ho_")


def _read(found: Json | Refusal | Unanswered) -> HoldReceipt | Refusal | Unanswered:
    return found if isinstance(found, Refusal | Unanswered) else _receipt(found)


def _receipt(found: Json) -> HoldReceipt:
    return HoldReceipt(
        reference=found["id"],
        stands=_STANDS[found["state"]],
        version=found["version"],
        key=found["metadata"].get(KEY),
        payment=found["payment"],
        amount_minor=found["amount_minor"],
        captured_minor=found["captured_minor"],
        currency=found["currency"],
        expires_us=us_of(found["expires_at"]),
        reason=found["failure_code"],
        at_us=us_of(found["updated_at"]),
        told=tuple(sorted(found["metadata"].items())),
    )
