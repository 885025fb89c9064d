"""What a contradiction between facts about units says to the person who looks at it, in Chinese and English."""

from houbei.case.units import Conflict, Contradiction, Fact, Left, Sale, Swap

CONFLICTS = {
    "zh": {
        Conflict.SOLD_TWICE: "同一个序列号卖了两次，中间没有退回的记录。",
        Conflict.TWO_SERIALS: "同一件商品记了两个序列号。",
        Conflict.REPLACED_TWICE: "同一台机器记了两台不同的新机。",
        Conflict.REPLACES_TWO: "同一台新机记给了两台旧机。",
        Conflict.SOLD_ALREADY: "换出的新机已经卖给一笔订单。",
        Conflict.CYCLE: "换出的新机，买家以前用过。",
        Conflict.WRITTEN_OFF: "已经报废的机器又发了出去。",
    },
    "en": {
        Conflict.SOLD_TWICE: "One serial was sold twice, and nothing says that it came back in between.",
        Conflict.TWO_SERIALS: "One piece has two serials.",
        Conflict.REPLACED_TWICE: "One unit has two replacements.",
        Conflict.REPLACES_TWO: "One replacement was noted for two units.",
        Conflict.SOLD_ALREADY: "The replacement had been sold to an order.",
        Conflict.CYCLE: "The replacement is a unit that the buyer had before.",
        Conflict.WRITTEN_OFF: "A unit that was scrapped was handed out.",
    },
}
"""Every conflict in each language."""

_FACTS = {
    "zh": {
        Sale: "订单{line_id}第{unit}件：{serial}",
        Swap: "换新{case_id}（{source} {step_id}）：{old} → {new}",
        Left: "退回或报废：{serial}",
    },
    "en": {
        Sale: "order line {line_id}, piece {unit}: {serial}",
        Swap: "swap {case_id} ({source} {step_id}): {old} → {new}",
        Left: "came back or scrapped: {serial}",
    },
}
_STANDS = {"zh": "先记为准：{}。", "en": " The first stands: {}."}
_ASIDE = {"zh": "暂不采用：{}。", "en": " Set aside: {}."}


def say_conflict(found: Contradiction, language: str) -> str:
    """Say what contradicts what, and which of the two facts stands until a person has looked.

    Args:
        found: What a forest set aside.
        language: `zh` or `en`.
    """
    said = CONFLICTS[language][found.conflict]
    if found.stands != found.aside:
        said += _STANDS[language].format(_say_fact(found.stands, language))
    return said + _ASIDE[language].format(_say_fact(found.aside, language))


def _say_fact(fact: Fact, language: str) -> str:
    pattern = _FACTS[language][type(fact)]
    return pattern.format(**{name: getattr(fact, name) for name in fact.__slots__})
