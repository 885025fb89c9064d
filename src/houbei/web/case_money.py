"""The money of a case: what it cost the shop line by line and in all, and what stands between the shop and the buyer."""

from collections.abc import Iterator
from dataclasses import dataclass

from houbei.backtest.report.tongue import Said
from houbei.ledger.accounts import Account
from houbei.ledger.entries import Code
from houbei.store.console_cases import CaseView
from houbei.store.console_cases import MoneyLine as Line
from houbei.web.speech import Speech

_COST = Account.REPLACEMENT_GUARANTEE
_TO_BUYER = {
    Code.OWED.value: "case_owed_to_buyer",
    Code.CONFIRMED.value: "case_paid_to_buyer",
    Code.CREDITED.value: "case_credited_to_buyer",
}
_SECURITY = ((Account.HOLDS_OF_BUYERS, "case_held_now"), (Account.DEPOSITS_OF_BUYERS, "case_deposit_now"))


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyLine:
    """One figure: its word, the amount as text, and which of the case's entries it is made of; the total names none."""

    word: Said
    amount: str
    code: str
    account: str
    total: bool = False


def cost_lines(view: CaseView, speech: Speech) -> list[MoneyLine]:
    """What the case cost the shop, in the order of the books, and the sum of it; empty where nothing was posted to it."""
    sums: dict[tuple[str, str], int] = {}
    for line in view.money:
        if _COST in {line.debit, line.credit}:
            key = (_kind(line), line.code)
            sums[key] = sums.get(key, 0) + (line.amount_minor if line.debit == _COST else -line.amount_minor)
    lines = [
        MoneyLine(
            word=speech.say(f"money_{kind}"),
            amount=_signed(speech, minor, view.currency),
            code=code,
            account=_COST.value,
        )
        for (kind, code), minor in sums.items()
    ]
    if lines:
        net = _signed(speech, view.net_minor, view.currency)
        lines.append(MoneyLine(word=speech.say("case_net"), amount=net, code="", account=_COST.value, total=True))
    return lines


def buyer_lines(view: CaseView, speech: Speech) -> list[MoneyLine]:
    """What stands between the shop and the buyer: owed, paid by the provider's receipt, held or left as a deposit now."""
    return [*_settled(view, speech), *_secured(view, speech)]


def _settled(view: CaseView, speech: Speech) -> Iterator[MoneyLine]:
    for code, word in _TO_BUYER.items():
        minor = sum(line.amount_minor for line in view.money if line.code == code)
        if minor:
            amount = speech.amount(minor, view.currency)
            yield MoneyLine(word=speech.say(word), amount=amount, code=code, account="")


def _secured(view: CaseView, speech: Speech) -> Iterator[MoneyLine]:
    for account, word in _SECURITY:
        given = sum(line.amount_minor for line in view.money if line.credit == account)
        left = given - sum(line.amount_minor for line in view.money if line.debit == account)
        if left:
            amount = speech.amount(left, view.currency)
            yield MoneyLine(word=speech.say(word), amount=amount, code="", account=account.value)


def _kind(line: Line) -> str:
    """What a sum is of: its code; what is owed to a buyer at the shop's cost, has the word of all such."""
    return "owed_at_cost" if line.code == Code.OWED else line.code


def _signed(speech: Speech, minor: int, currency: str) -> str:
    """Write an amount for a sum: what comes back to the shop with a true minus sign and a space, as one writes it by hand."""
    return speech.amount(minor, currency) if minor >= 0 else speech.minus(-minor, currency)
