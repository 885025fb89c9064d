"""Why a look at a case is asked for: the signals that were found, in words without blame, and the sum they came to."""

import msgspec

from houbei.case.signal_words import Explained, explain
from houbei.case.signals import Score
from houbei.store.console_cases import CaseView
from houbei.web.speech import Speech

_DECODE = msgspec.json.Decoder(Score).decode


def look_of(view: CaseView, speech: Speech) -> Explained | None:
    """Explain the latest score that a step of the case tells in its `look`; None where none does.

    A score stands there as JSON; what somebody wrote instead is given as it is.
    """
    told = [str(deed.told["look"]) for deed in view.deeds if deed.told.get("look")]
    if not told:
        return None
    try:
        return explain(_DECODE(told[-1]), speech.language)
    except msgspec.DecodeError:
        return Explained(conclusion=told[-1], facts=(), sum="")
