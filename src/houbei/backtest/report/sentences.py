"""The question of the report, its answer, and the sentences that name its reasons and its limits."""

import re
from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from houbei.backtest.report.findings import Block, Findings, Texts
from houbei.backtest.report.titles import unit_of
from houbei.backtest.report.tongue import Said, Tongue
from houbei.money import round_half_up

ODDS = tuple(10**power for power in range(2, 10))
"""Of how many lines the answer may speak: the first with which the count is neither none nor all."""


def question(findings: Findings, tongue: Tongue) -> Said:
    """Ask what the promise would have cost over the days of the history."""
    promise = _promise(findings, tongue)
    if findings.first_day is None or findings.last_day is None:
        return tongue.say("question_open", promise=promise)
    return tongue.say("question", promise=promise, period=_period(findings.first_day, findings.last_day, tongue))


def _promise(findings: Findings, tongue: Tongue) -> Said:
    if findings.window_days is not None:
        return tongue.say("promise_days", n=findings.window_days)
    shapes = {r"PT(\d+)H": "promise_hours", r"P(\d+)M": "promise_months"}
    for shape, key in shapes.items():
        if found := re.fullmatch(shape, findings.window_text):
            return tongue.say(key, n=int(found[1]))
    return tongue.say("promise_plain")


def _period(first_day: str, last_day: str, tongue: Tongue) -> Said:
    first, last = date.fromisoformat(first_day), date.fromisoformat(last_day)
    if first == last:
        return tongue.say("period_date", first=tongue.full_date(first_day))
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        if first.year == last.year:
            return tongue.say("period_year", year=first.year)
        return tongue.say("period_years", first=first.year, last=last.year)
    opening, closing = tongue.full_date(first_day), tongue.full_date(last_day)
    if first.year == last.year and tongue.lang == "en":
        opening = tongue.bare_date(first_day)
    elif first.year == last.year:
        closing = tongue.bare_date(last_day)
    return tongue.say("period_dates", first=opening, last=closing)


def answer(blocks: Sequence[Block], tongue: Tongue) -> Said:
    """Answer the question in one sentence, for the first of the blocks."""
    if not blocks or not blocks[0].lines:
        return tongue.say("answer_empty")
    block = blocks[0]
    if not block.owed_minor:
        if block.held_minor:
            return tongue.say("answer_held", held=tongue.about(block.held_minor, unit_of(block)))
        return tongue.say("answer_none")
    owed = tongue.about(block.owed_minor, unit_of(block))
    odds = _odds(block.lines_owed, block.lines, tongue)
    if share := tongue.share(block.owed_minor, block.revenue_minor):
        return tongue.say("answer", owed=owed, share=share, odds=odds)
    return tongue.say("answer_no_share", owed=owed, odds=odds)


def _odds(lines_owed: int, lines: int, tongue: Tongue) -> Said:
    for scale in ODDS:
        count = round_half_up(Fraction(lines_owed * scale, lines))
        if 0 < count < scale:
            return tongue.say("odds", n=count, scale=tongue.count(scale))
    return tongue.say("odds_all")


def also(blocks: Sequence[Block], tongue: Tongue) -> list[Said]:
    """Say what the other currencies cost, one sentence each."""
    said = []
    for block in blocks[1:]:
        name, owed = tongue.currency_name(block.currency), tongue.about(block.owed_minor, unit_of(block))
        share = tongue.share(block.owed_minor, block.revenue_minor)
        key = "also_no_share" if share is None else "also"
        said.append(tongue.say(key, name=name, owed=owed, share=share))
    return said


def text_in(texts: Texts, tongue: Tongue) -> tuple[str, str]:
    """Give a text in this language, or in the other where it is missing, with the language it is in."""
    own, other = (texts.en, texts.zh) if tongue.lang == "en" else (texts.zh, texts.en)
    elsewhere = "zh-Hans" if tongue.lang == "en" else "en"
    return (own, tongue.lang) if own else (other or "", elsewhere)


def not_owed_title(findings: Findings, tongue: Tongue) -> Said:
    """Name the reason for which most lines were owed nothing."""
    counts = sorted(findings.not_owed, key=lambda one: -one.lines)
    total = sum(one.lines for one in counts)
    top = counts[0]
    tied = len(counts) > 1 and counts[1].lines == top.lines
    if not top.lines or tied or not tongue.has(f"reason_{top.reason}"):
        return tongue.say("not_title")
    key = "not_title_most" if 2 * top.lines > total else "not_title_top"
    return tongue.say(key, reason=tongue.say(f"reason_{top.reason}"))


def limits(findings: Findings, tongue: Tongue) -> list[Said]:
    """Say what the report cannot know, once each in the order given; a code without words is shown as it is."""
    inputs = findings.inputs
    counts = {
        "short_watch": inputs.watched_short,
        "rejected_rows": inputs.rejected_rows,
        "undecided": inputs.undecided,
        "held": inputs.held_lines,
    }
    said = []
    for code in dict.fromkeys(findings.limits):
        if not tongue.has(f"limit_{code}"):
            said.append(tongue.say("plain", text=code))
        elif code in counts:
            said.append(tongue.say(f"limit_{code}", n=counts[code], count=tongue.count(counts[code])))
        else:
            said.append(tongue.say(f"limit_{code}"))
    return said
