"""What buyers are told about their deliveries, in Chinese and English. Nothing beyond what is known: “paid” is said only of what is paid.

A latest date is named only where the shop has shown one, and an amount only where the terms pay it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from houbei.delivery.telling import Telling
from houbei.terms.delivery import Reaches

LANGUAGES = ("zh", "en")
_HOUR_US = 3_600_000_000
_NOON = 12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


class Paid(StrEnum):
    """How a payment reached the buyer."""

    BACK = "back"
    """The way they paid."""
    CREDIT = "credit"
    """As store credit."""
    POINTS = "points"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """An amount as it is written in a language, and how it reaches the buyer."""

    text: str
    paid: Paid


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The facts of a telling. Moments are µs UTC; what is None is not known, and not said.

    `by_us` is the first late moment that was promised, `latest_us` that of what the shop has shown since, or of what a closure moved the
    promise to. `likely` tells whether lateness is more than possible, `unseen` that the carrier's feed is silent. `over_us` is how late it
    must be for `sums`; of a payment `sums` are what was paid. `because` is the name of the closure by language.
    """

    kind: Telling
    reaches: Reaches
    by_us: int
    now_us: int
    zone: str
    latest_us: int | None = None
    likely: bool = False
    unseen: bool = False
    over_us: int = 0
    because: tuple[str, str] | None = None


_ZH: dict[str, str] = {
    "may": "{when}可能{cannot}{latest}。",
    "will": "{when}多半{cannot}了{latest}。",
    "late": "没能在{by}{done}。",
    "late, unseen": "我们没有看到它在{by}{done}。",
    "new_date": "原定{by}{done}，改到{new}{because}。",
    "latest": "，最迟{new}",
    "because": "，因为{name}",
    "if_late": "迟到赔你{sums}，不用申请。",
    "if_later": "晚了超过{hours}小时就赔你{sums}，不用申请。",
    "owed": "赔你{sums}，不用申请，付好了再告诉你。",
    "paid": "这次没能按时{done}，{ways}。你什么都不用做。",
    "way_back": "{sum}已原路退回",
    "way_credit": "{sum}已记入店铺余额",
    "way_points": "{sum}已记入你的账户",
    "points": "{points}积分",
    "and": "和",
    "then": "，",
}
_EN: dict[str, str] = {
    "may": "It may not {cannot} {when}.{latest}",
    "will": "It most likely will not {cannot} {when}.{latest}",
    "late": "It {done} by {by}.",
    "late, unseen": "We have not seen it {cannot} by {by}.",
    "new_date": "It was to {cannot} by {by}; it is now by {new}{because}.",
    "latest": " Latest {new}.",
    "because": ", because of this: {name}",
    "if_late": " If late we pay you {sums}, unasked.",
    "if_later": " If it is more than {hours} hours late we pay you {sums}, unasked.",
    "owed": " We pay you {sums}, unasked, and tell you once it is paid.",
    "paid": "It {done} on time, so {ways}. There is nothing you need to do.",
    "way_back": "{sum} went back the way you paid",
    "way_credit": "{sum} went to your store balance",
    "way_points": "{sum} went to your account",
    "points": "{points} points",
    "and": " and ",
    "then": ", and ",
}
SENTENCES = {"zh": _ZH, "en": _EN}
"""Every part of a telling in each language."""

CANNOT = {
    "zh": {Reaches.HANDED_OVER: "发不出", Reaches.DELIVERED: "送不到", Reaches.INSTALLED: "装不好"},
    "en": {Reaches.HANDED_OVER: "be sent", Reaches.DELIVERED: "arrive", Reaches.INSTALLED: "be installed"},
}
DONE = {
    "zh": {Reaches.HANDED_OVER: "发出", Reaches.DELIVERED: "送到", Reaches.INSTALLED: "装好"},
    "en": {
        Reaches.HANDED_OVER: "was not sent",
        Reaches.DELIVERED: "did not arrive",
        Reaches.INSTALLED: "was not installed",
    },
}
"""What a promise is about, as a verb."""


def say_telling(told: Told, sums: Sequence[Sum], language: str) -> str:
    """Say what there is to tell.

    Args:
        told: The facts.
        sums: What is paid if it is late, owed because it is, or was paid; none where nothing is.
        language: `zh` or `en`.
    """
    words, clock = SENTENCES[language], _Clock(language, told.now_us, told.zone)
    verbs = {"cannot": CANNOT[language][told.reaches], "done": DONE[language][told.reaches]}
    if told.kind is Telling.PAID:
        ways = (words[f"way_{one.paid}"].format(sum=one.text) for one in sums)
        return words["paid"].format(ways=words["then"].join(ways), **verbs)
    new = "" if told.latest_us is None else clock.day(told.latest_us)
    if told.kind is Telling.NEW_DATE:
        name = None if told.because is None else told.because[LANGUAGES.index(language)]
        because = "" if name is None else words["because"].format(name=name)
        return words["new_date"].format(by=clock.day(told.by_us), new=new, because=because, **verbs)
    if told.kind is Telling.LATE:
        said = words["late, unseen" if told.unseen else "late"].format(by=clock.day(told.by_us), **verbs)
        return said + _pays(told, sums, language, now="owed")
    latest = words["latest"].format(new=new) if new else ""
    said = words["will" if told.likely else "may"].format(when=clock.when(told.by_us), latest=latest, **verbs)
    return said + _pays(told, sums, language, now="if_late")


def points_text(points: int, language: str) -> str:
    """Write points: `1,000积分`, `1,000 points`."""
    return SENTENCES[language]["points"].format(points=f"{points:,}")


def sums_of(
    amount_minor: int, currency: str, points: int, language: str, *, paid: Paid, money: Callable[[int, str], str]
) -> list[Sum]:
    """Write an amount and points that belong together; nothing of what is 0."""
    found = [Sum(text=money(amount_minor, currency), paid=paid)] if amount_minor else []
    return found + ([Sum(text=points_text(points, language), paid=Paid.POINTS)] if points else [])


def _pays(told: Told, sums: Sequence[Sum], language: str, *, now: str) -> str:
    if not sums:
        return ""
    words = SENTENCES[language]
    written = words["and"].join(one.text for one in sums)
    key = "if_later" if told.over_us else now
    return words[key].format(sums=written, hours=told.over_us // _HOUR_US)


class _Clock:
    """Days and times in a language, as of a moment: a promise that ends at midnight is called by the day before it."""

    def __init__(self, language: str, now_us: int, zone: str) -> None:
        self._zh = language == "zh"
        self._zone = ZoneInfo(zone)
        self._today = self._local(now_us).date()

    def when(self, by_us: int) -> str:
        """By when, in a sentence about what may not happen: `今晚`, `tonight`."""
        day, time = self._parts(by_us)
        if time is None and day == self._today:
            return "今晚" if self._zh else "tonight"
        text = self.day(by_us)
        if self._zh:
            return text if time is None else f"{text}前"
        return text if text == "tomorrow" else f"by {text}"

    def day(self, by_us: int) -> str:
        """The day, or the time of it, that ends at a moment: `2月16日`, `明早09:30`."""
        day, time = self._parts(by_us)
        named = self._near(day)
        if self._zh:
            if time is None:
                return named
            early = named == "明天" and int(time[:2]) < _NOON
            return f"明早{time}" if early else f"{named} {time}" if named[-1] == "日" else f"{named}{time}"
        return named if time is None else f"{time} {named}" if _is_near(day, self._today) else f"{time} on {named}"

    def _near(self, day: date) -> str:
        days = (day - self._today).days
        if days in {0, 1}:
            return ("今天", "明天")[days] if self._zh else ("today", "tomorrow")[days]
        year = "" if day.year == self._today.year else f"{day.year}年" if self._zh else f" {day.year}"
        if self._zh:
            return f"{year}{day.month}月{day.day}日"
        return f"{day.day} {_MONTHS[day.month - 1]}{year}"

    def _parts(self, by_us: int) -> tuple[date, str | None]:
        local = self._local(by_us)
        if (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0):
            return local.date() - timedelta(days=1), None
        return local.date(), f"{local:%H:%M}"

    def _local(self, us: int) -> datetime:
        return (_EPOCH + timedelta(microseconds=us)).astimezone(self._zone)


def _is_near(day: date, today: date) -> bool:
    """Whether a day is today or tomorrow, and is called so."""
    return (day - today).days in {0, 1}
