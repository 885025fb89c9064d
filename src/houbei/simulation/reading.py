"""How people read a case on their screen: what is to be brought, what is to be fetched, what is over."""

from houbei.case.stages import Case, New, Old, Remedy, Stage

OVER_OR_BACK = frozenset({Old.WITH_SHOP, Old.LOST, Old.LET_GO})


def brings_new(state: Case) -> bool:
    """Whether the next visit brings a new unit: it goes first, or the old one is in."""
    wanted = state.remedy in {Remedy.REPLACE, Remedy.OTHER_MODEL} and state.new is not New.WITH_BUYER
    return wanted and (state.advance or state.old in OVER_OR_BACK)


def fetches_old(state: Case) -> bool:
    """Whether the next visit fetches the old unit and brings nothing."""
    return state.old is Old.WITH_BUYER and not brings_new(state)


def is_out(state: Case, serial: str) -> bool:
    """Whether the screen shows a new unit as out of the shop: on its way, with the buyer to come back, called back or lost."""
    coming = state.new_serial == serial and (
        state.new is New.ON_THE_WAY or (state.new is New.WITH_BUYER and state.stage is Stage.TO_RECOVER)
    )
    return coming or serial in {state.recalled_serial, state.lost_serial}


def awaits_old(state: Case) -> bool:
    """Whether the screen still waits for the old unit."""
    return state.old in {Old.WITH_BUYER, Old.WITH_COURIER} and state.stage in {
        Stage.OLD_OWED,
        Stage.OLD_ON_THE_WAY,
        Stage.TO_SCHEDULE,
        Stage.SCHEDULED,
    }
