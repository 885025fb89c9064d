"""The walk over moments: one line, its covers, and every price that may lower what it should have paid.

At each moment that can matter (a price begins, a cover opens) each open unit looks at the prices in force in the series open
to its line. The lowest one that is not suspicious moves its mark; what that adds over all units is paid if it is worth paying. The
lowest suspicious one is held, beyond what was paid or held before.

Plain functions over arrays, compiled for many lines (see `kernels`). `decide` is the only place where this rule stands; everything
else here is a step of it. A line with one cover, one stretch and one open series, which is nearly every line, leaps from each price
to the next lower one; the others look at every price inside.
"""

from houbei.kernels import kernel
from houbei.owed.remedy import capped, is_suspicious, owed_for


def _after(moments, low, high, moment):
    """The first index in [low, high) whose moment is after `moment`."""
    while low < high:
        middle = (low + high) >> 1
        if moments[middle] <= moment:
            low = middle + 1
        else:
            high = middle
    return low


def _comes_first(a, b, price, row, text_at, text):
    """Whether price a decides before price b at one moment: the lower, then the smaller id, then the earlier row."""
    if price[a] != price[b]:
        return price[a] < price[b]
    i, a_end = text_at[row[a]], text_at[row[a] + 1]
    j, b_end = text_at[row[b]], text_at[row[b] + 1]
    while i < a_end and j < b_end:
        if text[i] != text[j]:
            return text[i] < text[j]
        i += 1
        j += 1
    if i == a_end and j == b_end:
        return row[a] < row[b]
    return i == a_end


def _open_series(line, sku, seeker_attributes, quantity, currency, gift, of_sku, series_attributes, series_quantity,
                 series_currency, series_gift, same, chosen):  # fmt: skip
    """Find the series open to a line: every attribute equal, or open to all unless it must be the same."""
    k = 0
    if sku[line] + 1 >= len(of_sku):
        return 0
    for s in range(of_sku[sku[line]], of_sku[sku[line] + 1]):
        fits = (
            series_currency[s] == currency[line]
            and series_quantity[s] <= quantity[line]
            and (gift[line] < 0 or series_gift[s] == gift[line])
        )
        for a in range(len(same)):
            closed_to = series_attributes[a, s]
            if closed_to != seeker_attributes[a, line] or closed_to < 0:
                fits = fits and closed_to < 0 and same[a] == 0
        if fits:
            chosen[k] = s
            k += 1
    return k


def _next_opening(first, last, after, starts, ends):
    """The first moment after `after` at which one of a line's covers opens; 2**62 when none does."""
    best = 2**62
    for c in range(first, last):
        for k in range(starts.shape[1]):
            if after < starts[c, k] < ends[c, k] and starts[c, k] < best:
                best = starts[c, k]
    return best


def _last_end(first, last, starts, ends):
    best = -(2**63)
    for c in range(first, last):
        for k in range(starts.shape[1]):
            if starts[c, k] < ends[c, k]:
                best = max(best, ends[c, k])
    return best


def _stretch(cover, moment, starts, ends):
    """The stretch of a cover that a moment lies in, -1 when it is not open."""
    for k in range(starts.shape[1]):
        if starts[cover, k] <= moment < ends[cover, k]:
            return k
    return -1


def _choose(suspicious, basis, earliest, latest, moment, current, k, since, end, price, row, text_at, text, rules, r):
    """The lowest of the prices in force that are (or are not) suspicious to a unit and count for it; -1 when there is none."""
    best = -1
    for s in range(k):
        i = current[s]
        if i < 0 or end[i] <= moment or since[i] < earliest or since[i] >= latest:
            continue
        if is_suspicious(price[i], basis, rules, r) != (suspicious == 1):
            continue
        if best < 0 or _comes_first(i, best, price, row, text_at, text):
            best = i
    return best


def _weigh(moment, first, last, units, larger, basis, starts, ends, counted_from, counted_until, current, k, since,
           end, price, row, text_at, text, rules, r, marks, offers, state):  # fmt: skip
    """Fill the offers of a line's groups of like units at a moment; give what they would add to what was paid.

    A cover has two groups, the units with the larger share first. An offer is: price, owed in all, what it would pay, units;
    then price and owed in all of what would be held.
    """
    total = 0
    for place in range(2 * (last - first)):
        c, group = first + (place >> 1), place & 1
        count = units[c] - larger[c] if group else larger[c]
        offers[place, 0], offers[place, 4] = -1, -1
        stretch = _stretch(c, moment, starts, ends) if count > 0 else -1
        if stretch < 0:
            continue
        b = basis[c] + 1 - group
        offers[place, 3] = count
        earliest, latest = counted_from[c, stretch], counted_until[c, stretch]
        best = _choose(0, b, earliest, latest, moment, current, k, since, end, price, row, text_at, text, rules, r)
        if best >= 0:
            state[1] = max(state[1], 3)
            owed = owed_for(b, price[best], rules, r)
            mark = marks[c - first, group]
            if owed > mark:
                offers[place, 0], offers[place, 1] = best, owed
                offers[place, 2] = (capped(owed, b, rules, r) - capped(mark, b, rules, r)) * count
                total += offers[place, 2]
        if rules[r + 9] > 0:
            odd = _choose(1, b, earliest, latest, moment, current, k, since, end, price, row, text_at, text, rules, r)
            if odd >= 0:
                offers[place, 4], offers[place, 5] = odd, owed_for(b, price[odd], rules, r)
    return total


def _lowest_offer(column, offers, places, price, row, text_at, text):
    """The place of the offer whose price decides first; -1 when none is left."""
    best = -1
    for place in range(places):
        i = offers[place, column]
        if i >= 0 and (best < 0 or _comes_first(i, offers[best, column], price, row, text_at, text)):
            best = place
    return best


def _write(out, n, line, cover, moment, price, units, amount, held):
    out[0, n] = line
    out[1, n] = cover
    out[2, n] = moment
    out[3, n] = price
    out[4, n] = units
    out[5, n] = amount
    out[6, n] = held
    return n + 1


def _pay(moment, line, one_by_one, first, last, marks, offers, allowed, price, row, text_at, text, out, n):
    """Move the marks and write a step for each price that moved some, the lowest first, up to what is allowed."""
    places = 2 * (last - first)
    while True:
        lowest = _lowest_offer(0, offers, places, price, row, text_at, text)
        if lowest < 0:
            return n
        decided, amount, moved = offers[lowest, 0], 0, 0
        for place in range(places):
            if offers[place, 0] == decided and (not one_by_one or place == lowest):
                amount += offers[place, 2]
                moved += offers[place, 3]
                marks[place >> 1, place & 1] = offers[place, 1]
                offers[place, 0] = -1
        part = min(amount, allowed)
        allowed -= part
        if part > 0:
            cover = first + (lowest >> 1) if one_by_one else -1
            n = _write(out, n, line, cover, moment, decided, moved, part, 0)


def _hold(moment, line, first, last, marks, offers, price, row, text_at, text, state, out, n):
    """Write what is held at a moment, beyond what was paid or held before; a step for each suspicious price."""
    places = 2 * (last - first)
    while True:
        lowest = _lowest_offer(4, offers, places, price, row, text_at, text)
        if lowest < 0:
            return n
        decided, amount, kept = offers[lowest, 4], 0, 0
        for place in range(places):
            if offers[place, 4] == decided:
                offers[place, 4] = -1
                here, group = place >> 1, place & 1
                above = offers[place, 5] - max(marks[here, group], marks[here, 2 + group])
                if above > 0:
                    amount += above * offers[place, 3]
                    kept += offers[place, 3]
                    marks[here, 2 + group] = offers[place, 5]
        if amount > 0:
            state[1] = max(state[1], 4)
            n = _write(out, n, line, -1, moment, decided, kept, amount, 1)


def _advance(moment, chosen, k, of_series, at, position, current):
    """Move each series to a moment: `current` is its last price by then (-1: none yet), `position` the next one."""
    for s in range(k):
        i, high = position[s], of_series[chosen[s] + 1]
        while i < high and at[i] <= moment:
            i += 1
        position[s] = i
        current[s] = i - 1 if i > of_series[chosen[s]] else -1


def _next_price(chosen, k, of_series, at, position):
    """The moment at which the next price of any series begins; 2**62 when none does."""
    best = 2**62
    for s in range(k):
        if position[s] < of_series[chosen[s] + 1]:
            best = min(best, at[position[s]])
    return best


@kernel(
    *(owed_for, capped, is_suspicious, _after, _comes_first, _open_series, _next_opening, _last_end, _stretch, _choose),
    *(_weigh, _lowest_offer, _write, _pay, _hold, _advance, _next_price),
)
def decide(first_line, of_line, units, larger, basis, starts, ends, counted_from, counted_until, sku, seeker_attributes,
           quantity, currency, gift, line_cap, of_sku, series_attributes, series_quantity, series_currency, series_gift,
           of_series, since, at, end, price, row, lower, text_at, text, rules, same, one_by_one, chosen, position,
           current, marks, offers, state, out, outcome):  # fmt: skip
    """Walk lines from `first_line` on; give the line it stopped before (its steps did not fit) and how many steps it wrote."""
    n = 0
    for line in range(first_line, len(outcome)):
        first, last = of_line[line], of_line[line + 1]
        opening = _next_opening(first, last, -(2**63), starts, ends)
        outcome[line] = 0 if first == last else 1
        if opening == 2**62:
            continue
        k = _open_series(line, sku, seeker_attributes, quantity, currency, gift, of_sku, series_attributes,
                         series_quantity, series_currency, series_gift, same, chosen)  # fmt: skip
        closing, r, begin = _last_end(first, last, starts, ends), currency[line] * 11, n
        leaps = k == 1 and last - first == 1 and starts.shape[1] == 1
        for here in range(last - first):
            marks[here, 0], marks[here, 1], marks[here, 2], marks[here, 3] = 0, 0, 0, 0
        state[0], state[1] = 0, 2
        for s in range(k):
            position[s] = _after(at, of_series[chosen[s]], of_series[chosen[s] + 1], opening)
        moment = opening
        while moment < closing:
            if n + 4 * (last - first) > out.shape[1]:
                return line, begin
            if moment == opening:
                opening = _next_opening(first, last, opening, starts, ends)
            _advance(moment, chosen, k, of_series, at, position, current)
            total = _weigh(moment, first, last, units, larger, basis, starts, ends, counted_from, counted_until,
                           current, k, since, end, price, row, text_at, text, rules, r, marks, offers,
                           state)  # fmt: skip
            allowed = total if line_cap[line] < 0 else min(total, line_cap[line] - state[0])
            if allowed >= rules[r + 8]:
                n = _pay(
                    moment, line, one_by_one, first, last, marks, offers, allowed, price, row, text_at, text, out, n
                )
                state[0] += allowed
                state[1] = 6
            elif allowed > 0:
                state[1] = max(state[1], 5)
            if rules[r + 9] > 0:
                n = _hold(moment, line, first, last, marks, offers, price, row, text_at, text, state, out, n)
            if (
                leaps
                and current[0] >= 0
                and at[current[0]] > starts[first, 0]
                and not is_suspicious(price[current[0]], basis[first] + 1, rules, r)
            ):
                position[0] = max(position[0], lower[current[0]])
            moment = min(opening, _next_price(chosen, k, of_series, at, position))
        outcome[line] = state[1]
    return len(outcome), n
