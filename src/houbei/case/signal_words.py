"""Why a person is asked to look, in Chinese and English: conclusion, facts, sum. Words without blame."""

from dataclasses import dataclass

from houbei.case.scorecard import Signal
from houbei.case.signals import Aside, Outcome, Part, Score

_MINUS, _PLUS = " \N{MINUS SIGN} ", " + "

_ZH: dict[str, str] = {
    "serial_elsewhere": "序列号{serial}在记录里属于另一笔订单。可能拍错了机器，也可能是我们记错了。",
    "serial_left": "序列号{serial}的机器，记录里已经回到店里或报废。可能是出入库时扫错了。",
    "serial_replaced": "序列号{serial}的机器，记录里已经换过新机。可能拍的是旧照片，也可能旧机还没取走。",
    "serial_unknown": "序列号{serial}不在我们的记录里。可能是看错了，也可能是发货时漏记了。",
    "serial_one_off": "序列号{serial}和记录只差一位，多半是看错或输错了。",
    "inspected_serial": "取回的机器，序列号和发出的那台不一样。装箱、取件、检测三处都可能拿错。",
    "parts_other": "检测核对了{checked}个带编号的部件，其中{other}个和记录不一样。可能是以前修过，也可能是出厂记录有误。",
    "unit_again": "这台机器近{days}天申请了{reported}次，检测确认了{confirmed}次。申请过的机器里，大约每{one_in}台有1台这么多次。",
    "buyer_often": "近{days}天签收{units}台，申请了{reported}台，检测确认了{confirmed}台。申请过的买家里，大约每{one_in}位有1位没确认的这么多。",
    "buyer_share": "近{days}天签收{units}台，申请了{reported}台，检测确认了{confirmed}台。同样台数、申请过的买家里，单凭巧合大约每{one_in}位有1位没确认的这么多。",
    "address_often": "同一地址近{days}天签收{units}台，申请了{reported}台，检测确认了{confirmed}台。申请过的地址里，大约每{one_in}个有1个没确认的这么多。宿舍、办公楼常会这样。",
    "near_end": "申请时离到期还有{hours}小时。很多人临近到期才想起来，单这一件说明不了什么。",
    "no_photo": "上门时没有留下照片，所以有些事核对不了。拍照是我们的事，不是买家的事。",
    "light_box": "取回的箱子重{box}克，带机器应重{expected}克。少的重量是在哪一段少的，现在还不知道。",
    "batch_warned": "这一批机器的故障比别的批次多，已经提醒过。买家说的，多半就是这个。",
}
_EN: dict[str, str] = {
    "serial_elsewhere": "Serial {serial} belongs to another order in our records. It may be a photo of another unit, or our record may be wrong.",
    "serial_left": "Our records have the unit with serial {serial} back in the shop or scrapped. It may have been scanned wrongly.",
    "serial_replaced": "Our records have the unit with serial {serial} replaced already. It may be an old photo, or the old unit is still there.",
    "serial_unknown": "Serial {serial} is not in our records. It may have been misread, or not noted when it was sent.",
    "serial_one_off": "Serial {serial} is one character away from our record: most likely misread or mistyped.",
    "inspected_serial": "The unit that came back has another serial than the one we sent. Packing, pick-up and inspection can each mix units up.",
    "parts_other": "Of {checked} numbered parts checked, {other} differ from the record. It may have been repaired before, or the factory's record may be wrong.",
    "unit_again": "Over {days} days this unit was reported {reported} times; inspection confirmed {confirmed}. Of units that are reported at all, about 1 in {one_in} is reported as often.",
    "buyer_often": "Over {days} days: {units} units delivered, {reported} reported, {confirmed} confirmed by inspection. Of buyers who report at all, about 1 in {one_in} has as many unconfirmed.",
    "buyer_share": "Over {days} days: {units} units delivered, {reported} reported, {confirmed} confirmed by inspection. Of buyers of as many units who report at all, about 1 in {one_in} would have as many unconfirmed by chance alone.",
    "address_often": "At one address, over {days} days: {units} units delivered, {reported} reported, {confirmed} confirmed by inspection. Of addresses with reports, about 1 in {one_in} has as many unconfirmed. Dormitories and offices often do.",
    "near_end": "{hours} hours of the promise were left at the report. Many people think of it near the end; alone it says nothing.",
    "no_photo": "No photo was taken at the door, so some things cannot be checked. Taking it is our job, not the buyer's.",
    "light_box": "The box that came back weighs {box} g; with the unit in it, it should weigh {expected} g. Where the weight was lost is not known yet.",
    "batch_warned": "Units of this batch fail more often than others, and a warning is out. Most likely that is what the buyer met.",
}
SENTENCES = {"zh": _ZH, "en": _EN}
"""Every signal in each language."""

ASIDES = {
    "zh": {Aside.CLEARED: "（以前有人看过，不再计分）", Aside.SAME_FACT: "（和上面是同一回事，只计一次）"},
    "en": {
        Aside.CLEARED: " (looked at before, not counted again)",
        Aside.SAME_FACT: " (the same matter as above, counted once)",
    },
}
"""Why a signal's points do not count."""

CONCLUSIONS = {
    "zh": {
        Outcome.LOOK: "请人看一下：合计{total}分，到{look_at}分就请人看。分数不作决定，看的人作决定。",
        Outcome.NOTHING: "照常办理：合计{total}分，不到{look_at}分。",
    },
    "en": {
        Outcome.LOOK: "Worth a look: {total} points, and a person looks from {look_at}. The points decide nothing; whoever looks does.",
        Outcome.NOTHING: "Go on as usual: {total} points, fewer than {look_at}.",
    },
}
"""What a score leads to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A score in one language: the conclusion, a sentence for each signal with its points, and the sum written out."""

    conclusion: str
    facts: tuple[tuple[str, int], ...]
    sum: str


def explain(score: Score, language: str) -> Explained:
    """Say what a score rests on, in the order of every trail: conclusion, facts, sum.

    Args:
        score: What was added up.
        language: `zh` or `en`.
    """
    conclusion = CONCLUSIONS[language][score.outcome].format(total=_signed(score.total), look_at=score.look_at)
    facts = tuple((_sentence(part, language), part.counted) for part in score.parts)
    return Explained(conclusion=conclusion, facts=facts, sum=sum_text(score))


def sum_text(score: Score) -> str:
    """Write the sum out: `40 + 5 − 20 = 25`."""
    text = ""
    for part in score.parts:
        if part.counted:
            sign = (_PLUS if part.counted > 0 else _MINUS) if text else ("" if part.counted > 0 else _MINUS.strip())
            text += f"{sign}{abs(part.counted)}"
    return f"{text or 0} = {_signed(score.total)}"


def _sentence(part: Part, language: str) -> str:
    facts = {name: f"{value:,}" if isinstance(value, int) else value for name, value in part.facts}
    said = SENTENCES[language][Signal(part.signal)].format(**facts)
    return said + (ASIDES[language][part.aside] if part.aside else "")


def _signed(points: int) -> str:
    return str(points) if points >= 0 else f"{_MINUS.strip()}{-points}"
