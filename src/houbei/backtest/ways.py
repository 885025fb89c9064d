"""The rival ways of paying on the same history: one claim, and a bot that asks every morning."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from houbei.backtest.tally import Tally
from houbei.columns import MISSING
from houbei.cover.asked import ask_daily, ask_once, first_ask
from houbei.engine import Decision, Engine, Market
from houbei.facts.grouping import sums
from houbei.facts.orders import Lines
from houbei.owed.price import Outcome, Steps
from houbei.owed.series import looked_at
from houbei.terms.model import Against

Whole = NDArray[np.int64]

EVERY_NEW_LOW = "every_new_low"
ONE_CLAIM = "one_claim"
DAILY_BOT = "daily_bot"
RIVALS = (ONE_CLAIM, DAILY_BOT)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ways:
    """What the rivals need beside the prices: the prices as a daily bot sees them."""

    bot_market: Market


def prepare_ways(engine: Engine, market: Market) -> Ways:
    """Work out when a daily bot first sees each price."""
    book = looked_at(market.book, first_ask(market.book.at, days=engine.days))
    return Ways(
        bot_market=Market(book=book, ids=market.ids, skus=market.skus, unknown=market.unknown, endless=market.endless)
    )


def steps_by_way(ways: Ways, engine: Engine, market: Market, lines: Lines, decision: Decision) -> dict[str, Steps]:
    """What the rivals would have recovered on a batch, before caps that several lines share."""
    covers = decision.covers
    openings = decision.openings
    if engine.terms.compare.against is Against.AT_CLAIM:
        _, openings = engine.open(lines, binding=decision.binding)
    else:
        # Who asks now and then sees some of the prices that count, and no other: nothing owed stays nothing.
        owed = (decision.steps.outcome == Outcome.OWED)[covers.line]
        openings = replace(openings, ends=np.where(owed[:, None], openings.ends, MISSING))
    once = ask_once(openings, claimed=None, within=None, days=engine.days)
    daily = ask_daily(openings, days=engine.days)
    return {
        ONE_CLAIM: engine.compare(lines, covers=covers, openings=once, market=market),
        DAILY_BOT: engine.compare(lines, covers=covers, openings=daily, market=ways.bot_market),
    }


def count_way(way: str, lines: Lines, line: Whole, amounts: Whole, tally: Tally) -> None:
    """Add what one way would have paid to a batch's lines."""
    per_line = sums(line, amounts, len(lines))
    owed = np.flatnonzero(per_line)
    currency = lines.texts["currency"].codes[owed]
    for code, money in tally.money.items():
        mine = per_line[owed[currency == code]]
        money.ways[way] = [int(mine.sum()), len(mine)]
