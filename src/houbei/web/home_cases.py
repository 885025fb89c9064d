"""What the home page says of cases: those that need a person as rows, how many are under way, and how many are late."""

from collections.abc import Sequence

from houbei.backtest.report.tongue import Said
from houbei.facts.steps import What
from houbei.store.console_case_lists import count_cases
from houbei.store.console_cases import CaseView, read_case
from houbei.web.case_asks import Asked
from houbei.web.case_decision import ask_word, facts_of, until_word
from houbei.web.case_deeds import latest
from houbei.web.case_page import item_of
from houbei.web.case_told import plain, sentences
from houbei.web.cases import Pressing
from houbei.web.frame import Frame
from houbei.web.needs import ToldNeed


def tell_cases(frame: Frame, pressing: Sequence[Pressing]) -> list[ToldNeed]:
    """Tell cases that need a person, as `by_deadline` gives them. Cost: each is folded."""
    told = []
    for at_us, one, asked in pressing:
        view = read_case(frame.connection, one.case_id, now_us=frame.now_us)
        if view is not None:
            told.append(_tell(frame, view, asked, at_us=at_us, since_us=one.since_us))
    return told


def _tell(frame: Frame, view: CaseView, asked: Asked, *, at_us: int, since_us: int) -> ToldNeed:
    speech, judged = frame.speech, latest(view, What.JUDGED)
    parts: list[Said | str] = [item_of(view)]
    if view.day is not None and view.of_days is not None and view.day <= view.of_days:
        parts.append(speech.say("case_day_of", n=view.day, days=view.of_days))
    if judged is not None and judged.told["clause"]:
        parts.append(speech.say("need_case_clause", clause=judged.told["clause"]))
    told: list[Said | str] = [str(speech.say("comma")).join(str(part) for part in parts)]
    told += [plain(str(said)) for said in facts_of(view, speech, asked)]
    return ToldNeed(
        kind="case",
        at_us=at_us,
        title=ask_word(speech, asked, view.case),
        body=sentences(speech, told),
        since=until_word(speech, asked, now_us=frame.now_us, since_us=since_us),
        href=frame.href("cases", view.number),
        button=speech.say("case_open"),
    )


def count_open(frame: Frame, pressing: Sequence[Pressing]) -> tuple[int, int]:
    """Count the cases that are under way, and those of them that are past a deadline. Cost: a pass over the cases."""
    under_way = sum(one.waiting + one.open for one in count_cases(frame.connection))
    return under_way, sum(asked.by_us is not None and asked.by_us <= frame.now_us for _, _, asked in pressing)
