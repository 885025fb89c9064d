"""What the command line says of deliveries that are promised and under way, in Chinese and English."""

from collections.abc import Mapping

Pair = tuple[str, str]

SENTENCES: Mapping[str, Pair] = {
    "gave": ("已记下承诺{id}。", "The promise {id} is taken down."),
    "scanned": ("已记下{id}。", "The scan {id} is taken down."),
    "moved": ("已改约，以新时间为准（{id}）。", "The slot is moved; the new time counts ({id})."),
    "disputed": (
        "已记下买家的异议（{id}），核对之前不付款。",
        "The dispute is taken down ({id}); nothing is paid until a person has looked.",
    ),
    "upheld": (
        "已核对：买家说得对，那条记录作废（{id}）。",
        "Looked at: the buyer is right, that scan is void ({id}).",
    ),
    "dismissed": ("已核对：原记录成立（{id}）。", "Looked at: that scan stands ({id})."),
    "closed": ("已记下{id}。", "The event {id} is taken down."),
    "reopened": ("已记下结束时间（{id}）。", "Its end is taken down ({id})."),
    "again": ("之前已经记过，没有变化。", "It was told before; nothing changed."),
    "unknown": (
        "还没有{delivery}的承诺或订单；它们到了再看。",
        "No order or promise of {delivery} is known yet; it is looked at once there is.",
    ),
    "nothing": ("没有。", "There is none."),
    "row": ("{delivery}  {verdict}  {by}  {owed}", "{delivery}  {verdict}  {by}  {owed}"),
    "risk": ("    有风险：{why}", "    at risk: {why}"),
    "by": ("最迟{at}", "by {at}"),
    "stopped": ("时钟暂停", "clock stopped"),
    "no_by": ("没有承诺", "no promise"),
    "entries": ("账目", "Entries"),
    "sides": ("借 {debit}，贷 {credit}", "debit {debit}, credit {credit}"),
}
"""What is said back, by what was told."""

VERDICTS: Mapping[str, Pair] = {
    "none": ("无承诺", "no promise"),
    "open": ("未到期", "open"),
    "kept": ("准时", "kept"),
    "late": ("迟到", "late"),
    "excused": ("免责", "excused"),
    "disputed": ("有异议", "disputed"),
    "ended": ("已取消", "ended"),
}
"""What each verdict is called."""


def say(key: str, language: str, **parts: object) -> str:
    """Give a sentence in a language with its parts filled in."""
    return SENTENCES[key][language == "en"].format(**parts)


def verdict_word(verdict: str, language: str) -> str:
    """Give the word of a verdict in a language."""
    return VERDICTS[verdict][language == "en"]
