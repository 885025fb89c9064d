"""The ledger: whether the books and the provider agree, day by day; the latest entries; balances; lists of entries."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from houbei.backtest.report.tongue import Said
from houbei.ledger.accounts import GROWS_BY_DEBIT, Account, Nature, nature_of
from houbei.ledger.entries import Code
from houbei.ledger.swaps import ACCOUNTS_OF, code_of
from houbei.store.console import Asked, Entry, balances, count_entries, latest_entries, moved_by_day
from houbei.store.console_case_lists import case_of_fact
from houbei.store.console_drops import drop_of_fact
from houbei.store.marks import GUARANTEE_IS, read_mark
from houbei.web.agreement import Agreement, compare
from houbei.web.drops import DAYS_MAX
from houbei.web.frame import OF, Frame, frame_values
from houbei.web.needs import OF_LEDGER, tell_needs
from houbei.web.paging import page_of
from houbei.web.speech import stamp_day

DAYS = 14
"""How many days the comparison with the provider shows."""
LATEST = 8
CODES = frozenset({*(code.value for code in Code), *(code_of(move) for move in ACCOUNTS_OF)})
"""Every code that an entry can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """A day in one currency: what the books say was paid out, what the provider says, minor units."""

    name: Said | str
    date: str
    currency: str
    ours_minor: int
    theirs_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """An entry as a row: why it was posted, what it cites and where its evidence is."""

    it: Entry
    why: Said
    cites: Said | str
    time: str
    href: str
    cites_href: str | None


def ledger_values(frame: Frame, *, last: dt.date | None) -> dict[str, Any]:
    """Work out the ledger page; `last` is the last day that is compared, today where none is named.

    Cost: two passes over the entries.
    """
    speech, connection = frame.speech, frame.connection
    until = min(last or frame.today, frame.today)
    compared = _compared(frame, until)
    today = compared if until == frame.today else _compared(frame, frame.today)
    sums = balances(connection)
    entries = latest_entries(connection, Asked(), limit=LATEST, offset=0)
    earlier = until - dt.timedelta(days=DAYS)
    return frame_values(frame, here="ledger", title=speech.say("ledger_title")) | {
        "stamp": speech.say("ledger_stamp", day=stamp_day(speech, frame.today), time=speech.time(frame.as_of_us)),
        "sentence": _sentence(frame, today, sums),
        "told": tell_needs(speech, [need for need in frame.needs if need.kind in OF_LEDGER], frame.promises),
        "days": _days(frame, compared, until),
        "earlier": frame.href("ledger", until=earlier.isoformat()),
        "later": None
        if until == frame.today
        else frame.href("ledger", until=(until + dt.timedelta(days=DAYS)).isoformat()),
        "entries": [entry_row(frame, entry) for entry in entries],
        "whole": count_entries(connection, Asked()),
        "balances": _balances(frame, sums),
    }


def _days(frame: Frame, agreement: Agreement, last: dt.date) -> list[DayRow]:
    """The days on which something was paid by the books or by the provider, the latest first."""
    rows = []
    for place, currency in sorted({*agreement.ours, *agreement.theirs}, key=lambda key: (-key[0], key[1])):
        day = last - dt.timedelta(days=DAYS - 1 - place)
        name = frame.speech.day(day)
        rows.append(
            DayRow(
                name=frame.speech.say("so_far", day=name) if day == frame.today else name,
                date=day.isoformat(),
                currency=currency,
                ours_minor=agreement.ours.get((place, currency), 0),
                theirs_minor=agreement.theirs.get((place, currency), 0),
            )
        )
    return rows


def _compared(frame: Frame, last: dt.date) -> Agreement:
    days = frame.speech.stretches(last, days=DAYS)
    return compare(frame, moved_by_day(frame.connection, days), days)


def _sentence(frame: Frame, agreement: Agreement, sums: Sequence[tuple[str, str, int, int]]) -> tuple[Said, Said | str]:
    """The sentence in two halves: what is well, and what needs a person."""
    speech = frame.speech
    if agreement.apart:
        key = "ledger_except" if agreement.is_one_refund else "ledger_except_all"
        return speech.say("ledger_but"), speech.say(key, amount=speech.moneys(agreement.apart))
    paid = {account for account, *_ in sums} & {Account.WITH_PROVIDER, Account.SETTLED}
    if paid or not sums:
        return speech.say("ledger_agrees" if paid else "ledger_empty"), ""
    owed = [
        (currency, credit - debit)
        for account, currency, debit, credit in sums
        if account == Account.PAYABLE_TO_BUYERS and credit > debit
    ]
    return speech.say("ledger_unpaid", amount=speech.moneys(owed)), ""


def _balances(frame: Frame, sums: Sequence[tuple[str, str, int, int]]) -> list[tuple[Said, Said, str, str, int]]:
    """Each account with its nature, currency and balance on the side it grows, in the order in which money goes through them."""
    order = list(Account)
    guarantee_is = Nature(read_mark(frame.connection, GUARANTEE_IS) or Nature.CONTRA_REVENUE)
    rows = []
    for name, currency, debit, credit in sorted(sums, key=lambda one: (order.index(Account(one[0])), one[1])):
        nature = nature_of(Account(name), guarantee_is=guarantee_is)
        balance = debit - credit if nature in GROWS_BY_DEBIT else credit - debit
        word, kind = frame.speech.say(f"account_{name}"), frame.speech.say(f"nature_{nature.value}")
        rows.append((word, kind, name, currency, balance))
    return rows


def entry_row(frame: Frame, entry: Entry) -> EntryRow:
    """Give an entry as a row: what it cites opens the price or the case that caused it."""
    price = drop_of_fact(frame.connection, entry.fact, sku=entry.sku)
    case = case_of_fact(frame.connection, entry.fact)
    place = ("drops", price) if price is not None else ("cases", case) if case is not None else None
    cites: Said | str = frame.speech.say("cites", clause=entry.clause, fact=entry.fact)
    return EntryRow(
        it=entry,
        why=frame.speech.say(_why(entry), order=entry.order_id),
        cites=frame.speech.say("receipt", receipt=entry.receipt) if entry.receipt else cites,
        time=frame.speech.moment(entry.at_us, seconds=True),
        href=frame.href("lines", entry.source, entry.line_id),
        cites_href=None if place is None else frame.href(*place),
    )


def _why(entry: Entry) -> str:
    """The words for why an entry was posted; what a case or a late arrival owes has other words than what a price does."""
    if entry.code == Code.OWED and entry.debit == Account.DELIVERY_GUARANTEE:
        return "code_owed_by_delivery"
    if entry.code == Code.OWED and entry.debit != Account.PRICE_GUARANTEE:
        return "code_owed_by_case"
    if entry.code == Code.CREDITED and entry.credit == Account.POINTS_OF_BUYERS:
        return "code_credited_points"
    return f"code_{entry.code}"


def entries_values(  # noqa: PLR0913  one argument a part of what is asked for
    frame: Frame,
    *,
    of: str | None,
    account: str | None,
    code: str | None,
    day: dt.date | None,
    days: int,
    page: int,
) -> dict[str, Any]:
    """Work out a list of entries: of one sort of promises, of an account, with a code, of some local days; None asks for all."""
    speech, connection = frame.speech, frame.connection
    account = account if account in set(Account) else None
    code = code if code in CODES else None
    days = min(max(days, 1), DAYS_MAX)
    stretch = None if day is None else speech.stretch(day, days=days)
    of = of if of in OF else None
    terms = None if of is None else frame.numbered(of)
    asked = Asked(account=account, code=code, stretch=stretch, terms=terms)
    sums = count_entries(connection, asked)
    count = sum(entries for _, entries, _ in sums)
    part = page_of(
        page,
        rows=count,
        href=lambda number: frame.href(
            "ledger",
            "entries",
            of=of,
            account=account,
            code=code,
            day=None if day is None else day.isoformat(),
            days=days if day is not None and days > 1 else None,
            page=number,
        ),
    )
    what = [speech.say(f"entries_of_{of}")] if of else []
    what += [speech.say(f"account_{account}")] if account else []
    what += [speech.say(f"codes_{code}")] if code else []
    what += [_span(frame, day, days)] if day else []
    return frame_values(frame, here="ledger", title=speech.say("entries_page_title")) | {
        "what": what,
        "count_said": speech.say("entries_count", n=count),
        "entries": [
            entry_row(frame, entry) for entry in latest_entries(connection, asked, limit=part.size, offset=part.offset)
        ],
        "sums": sums,
        "page": part,
    }


def _span(frame: Frame, day: dt.date, days: int) -> Said:
    speech = frame.speech
    if days == 1:
        return speech.say("on_day", day=speech.day(day))
    return speech.say("drops_span", first=speech.day(day - dt.timedelta(days=days - 1)), last=speech.day(day))
