"""What of a promise leads its cases: whose turn it is and for how long, read from the terms and from nowhere else."""

from houbei.case.stages import Rules, Secured
from houbei.facts.moments import DAY_US
from houbei.money import minor_of
from houbei.terms.lengths import Length
from houbei.terms.model import Terms
from houbei.terms.replacement import OnSilence, Security, Way

RENEWED_BEFORE_US = DAY_US
"""How long before a hold would lapse it is renewed."""
_SECURED_BY = {
    Security.NONE: Secured.NOTHING,
    Security.TRUST: Secured.NOTHING,
    Security.DEPOSIT: Secured.DEPOSIT,
    Security.CARD_HOLD: Secured.HOLD,
}


def rules_of(terms: Terms, *, currency: str) -> Rules:
    """Read what leads the cases of a promise.

    Args:
        terms: A document of the kind replacement or return.
        currency: What the line was paid in: a limit of trust is in it.

    Returns:
        The rules. A deadline of days is so many times 24 hours from the moment its stage began; months and years count whole, at their
        longest.

    Raises:
        InputError: the limit has more digits than the currency.
    """
    promised = terms.replacement
    if promised is None:
        raise ValueError(terms.kind)
    trusted = promised.security is Security.TRUST and promised.security_limit is not None
    return Rules(
        advance=promised.way is Way.ADVANCE,
        secured_by=_SECURED_BY[promised.security],
        trust_minor=minor_of(str(promised.security_limit), currency, where="security.limit") if trusted else -1,
        silence_accepts=promised.on_silence is OnSilence.ACCEPT,
        other_model="other_model" in promised.unavailable,
        pay_up=promised.pay_up,
        pay_down=promised.pay_down,
        against_paid=promised.other_model_limit is not None,
        refund="refund" in promised.unavailable,
        decide_us=_us(promised.decide_sla),
        choose_us=_us(promised.choose_sla),
        return_us=_us(promised.return_sla),
        inspect_us=_us(promised.inspection_sla),
        stock_us=_us(promised.stock_wait),
        hold_us=max(_us(promised.hold_lasts) - RENEWED_BEFORE_US, 0),
    )


def _us(length: Length) -> int:
    if length.exact_us is not None:
        return length.exact_us
    return (length.years * 366 + length.months * 31 + length.days) * DAY_US
