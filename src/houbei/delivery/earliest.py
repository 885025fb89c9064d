"""The earliest visit that keeps a promise often enough and has room, and the place it takes.

Requests come in the order of their booking. Each looks at its candidates (a service, and where it may choose an origin that too), day
by day from the first day that can do, slot by slot. A slot of a day does if enough of a thousand such promises would be kept, if it
has not begun when the order is placed, and if every origin of the promise has a place left in it. The earliest to end is taken; of
two that end together the one more often kept, then the earlier candidate. What is taken is booked before the next request looks.

Plain functions over arrays, compiled for many requests (see `kernels`): one request after the other is what the rule says, so this is
the one place where requests are walked. Days are places in the timetable.

Several parcels are kept together at least as often as 1000 less what each lacks (Fréchet's lower bound). It holds whatever parcels have
to do with each other, and late parcels come in clumps; independence would promise more than a bad week keeps or, with one van for
all, less.
"""

from houbei.kernels import kernel

KEPT_ALWAYS = 1000
CANDIDATE, SLOT, DAY, CHANCE, FULL_DAY, FULL_DAYS = range(6)
"""What is found of a request: its candidate, slot and day (-1: none), the chance, the first day that had no room (-1: none), how many."""
NONE = -1


def _lacking(ready, low, high, base, moves, leaves, group, count, moved, within):
    """How many of a thousand such promises are not all there by the end of a day."""
    lacks = 0
    last = within.shape[1] - 1
    for row in range(low, high):
        kept = 0
        if ready >= leaves[row]:
            days = moved[moves[row], ready] - base[row]
            if days >= 0:
                kept = within[group[row], min(days, last)]
        lacks += count[row] * (KEPT_ALWAYS - kept)
    return lacks


def _has_room(day, slot, low, high, place, capped, capacity, booked):
    """Whether every origin of a promise has a place left in a slot of a day."""
    if capped[slot] < 0:
        return True
    for row in range(low, high):
        if place[row] >= 0 and booked[place[row], capped[slot], day] >= capacity[slot]:
            return False
    return True


def _slot_of_day(
    day, low, high, first, last, row, zone, at_us, slack,
    base, moves, leaves, group, count, place, moved, within, in_by,
    ready_days, closes_us, by_us, capped, capacity, booked,
):  # fmt: skip
    """The slot of a day that does and ends first (-1: none), what it lacks, and whether one that would do has no room."""
    best, best_lacks, is_full = NONE, 0, False
    for slot in range(first, last + 1):
        ready = in_by[row, day] - ready_days[slot]
        if ready < 0 or closes_us[slot, zone, day] <= at_us:
            continue
        lacks = _lacking(ready, low, high, base, moves, leaves, group, count, moved, within)
        if lacks > slack:
            continue
        if not _has_room(day, slot, low, high, place, capped, capacity, booked):
            is_full = True
            continue
        by, best_by = by_us[slot, zone, day], by_us[best, zone, day]
        if best < 0 or by < best_by or (by == best_by and lacks < best_lacks):
            best, best_lacks = slot, lacks
    return best, best_lacks, is_full


def _note(found, request, candidate, slot, day, chance, full_day, full_days):
    """Write down what is best so far."""
    found[request, CANDIDATE], found[request, SLOT], found[request, DAY] = candidate, slot, day
    found[request, CHANCE], found[request, FULL_DAY], found[request, FULL_DAYS] = chance, full_day, full_days


def _book(day, slot, low, high, place, capped, booked):
    """Take a place at every origin of a promise."""
    if capped[slot] >= 0:
        for row in range(low, high):
            if place[row] >= 0:
                booked[place[row], capped[slot], day] += 1


@kernel(_lacking, _has_room, _slot_of_day, _note, _book)
def find_and_book(
    first_candidate, slack, at_us, first_parcel, visits, zone, slots, start, end,
    base, moves, leaves, group, count, place, moved, within, visit_next, in_by,
    ready_days, closes_us, by_us, capped, capacity, booked, found,
):  # fmt: skip
    """Find the earliest visit of each request, book it, and write what was found.

    Args:
        first_candidate: Where each request's candidates begin, and the end of the last.
        slack: How many of a thousand may be lost, for each request.
        at_us: When each request is made.
        first_parcel: Where each candidate's parcels begin, and the end of the last.
        visits: Each candidate's row of `visit_next` and `in_by`.
        zone: Each candidate's row of `closes_us` and `by_us`.
        slots: The first and the last slot that each candidate may take, two columns.
        start: The first day on which each candidate can do at all.
        end: The first day that is too late for each, at most the end of the range.
        base: The count of moving days from which each parcel's are counted.
        moves: Each parcel's row of `moved`.
        leaves: The day on which each parcel is picked up.
        group: Each parcel's row of `within`.
        count: How many such parcels there are.
        place: The row of `booked` from which each parcel takes a place, -1 where an earlier parcel of its candidate takes it.
        moved: Moving days up to each day.
        within: Of a thousand, how many arrive within so many days.
        visit_next: The first day from each on which the region is visited.
        in_by: The day by which parcels must be in the region for a visit on each day.
        ready_days: How many days before the visit of a slot parcels must be there.
        closes_us: From when on nobody may take a slot, by slot, zone and day.
        by_us: The first moment after each slot, by slot, zone and day.
        capped: The column of `booked` of each slot, -1 where it has no limit.
        capacity: How many visits each slot takes a day, for each origin and region.
        booked: How many are taken already; what is found is added.
        found: Six columns a request, see `CANDIDATE` and the following; -1 before.
    """
    for request in range(len(slack)):
        best_by = 0
        for candidate in range(first_candidate[request], first_candidate[request + 1]):
            day, full_day, full_days, slot = start[candidate], NONE, 0, NONE
            while day < end[candidate] and slot < 0:
                slot, lacks, is_full = _slot_of_day(
                    day, first_parcel[candidate], first_parcel[candidate + 1], slots[candidate, 0], slots[candidate, 1],
                    visits[candidate], zone[candidate], at_us[request], slack[request],
                    base, moves, leaves, group, count, place, moved, within, in_by,
                    ready_days, closes_us, by_us, capped, capacity, booked,
                )  # fmt: skip
                if slot >= 0:
                    by, chance = by_us[slot, zone[candidate], day], KEPT_ALWAYS - lacks
                    if found[request, DAY] < 0 or by < best_by or (by == best_by and chance > found[request, CHANCE]):
                        best_by = by
                        _note(found, request, candidate, slot, day, chance, full_day, full_days)
                elif is_full:
                    full_days += 1
                    full_day = day if full_day < 0 else full_day
                day = visit_next[visits[candidate], day + 1]
            if found[request, DAY] < 0 and full_day >= 0:
                found[request, FULL_DAY], found[request, FULL_DAYS] = full_day, full_days
        if found[request, DAY] >= 0:
            chosen, slot, day = found[request, CANDIDATE], found[request, SLOT], found[request, DAY]
            _book(day, slot, first_parcel[chosen], first_parcel[chosen + 1], place, capped, booked)
