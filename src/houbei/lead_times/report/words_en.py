"""The sentences of the report on promises in English. A pair is singular and plural; `words_zh` has the same keys."""

from types import MappingProxyType

WORDS: MappingProxyType[str, str | tuple[str, str]] = MappingProxyType(
    {
        # The frame.
        "crumb": "Delivery",
        "d_page_title": "How good our dates are · Houbei",
        "d_question": "Had these dates been promised, how many would have been kept?",
        "d_colophon": "Made by houbei delivery evaluate. Dates are those of {zone}. The history ends on {as_of}.",
        "d_sources": "{file}.",
        "telling_inputs": "What went in",
        # The answer.
        "d_answer": "Asked to keep {asked}, it kept {kept} at {days} days on average; the shop’s own estimate kept {shop_kept} at {shop_days} days.",
        "d_answer_alone": "Asked to keep {asked}, it kept {kept} at {days} days on average.",
        "d_also": "Orders bought from {first} to {last}, promised week by week by what was known then.",
        "d_no_estimate": "The history holds no date that the shop itself promised, so there is nothing to compare with.",
        # Four facts.
        "d_fact_kept": "Kept",
        "d_fact_kept_ends": "95% interval {low} to {high}, whole weeks drawn",
        "d_fact_days": "Days promised",
        "d_fact_days_given": "{days} of them given away",
        "d_fact_near": "Points away, by month",
        "d_fact_near_months": ("in 1 month", "on average over {n} months"),
        "d_fact_shorter": "Shorter than the shop’s own",
        "d_fact_shorter_ends": "95% interval {low} to {high}, 80 to 97% kept",
        # Days by share kept.
        "d_frontier_all": "At every share kept, promises are shorter than the shop’s own, by {mean} on average",
        "d_frontier_most": (
            "Promises are shorter than the shop’s own at 1 of {all} shares kept, by {mean} on average",
            "Promises are shorter than the shop’s own at {n} of {all} shares kept, by {mean} on average",
        ),
        "d_frontier_none": "Promises are longer than the shop’s own at the same share kept, by {mean} on average",
        "d_frontier_unit": "Mean days promised by share kept; the shop’s own estimate shifted to the same share, on the same {orders} orders",
        "d_frontier_desc": "At {share} kept: ours {ours} days, the shop’s own shifted {shop} days.",
        "d_frontier_axis": "Share kept",
        "d_line_ours": "learnt",
        "d_line_without": "without estimate",
        "d_line_shop": "shop’s, shifted",
        # By month.
        "d_months_one": "A promise of {share} was kept {away} points away from it",
        "d_months_near": "A promise of {share} is kept within {away} points on average, at most {below} below and {above} above",
        "d_months_far": "A promise of {share} is {away} points away on average, at most {below} below and {above} above",
        "d_months_unit": "Share kept by month of purchase when {share} was asked for; 95% intervals by drawing whole weeks; days promised",
        "d_months_note": "{share} · {days} days",
        "d_months_promised": "promised {share}",
        # By week.
        "d_weeks_clumps": "Lateness comes in clumps: it swings {times} times as much from week to week as single orders would",
        "d_weeks_single": "Lateness hardly clumps: weeks differ about as much as single orders would make them",
        "d_weeks_unknown": "Nothing can be said of clumps",
        "d_weeks_unit": "Share that came late by week of purchase",
        "d_weeks_worst": "{date}  {share}",
        "d_weeks_desc": (
            "1 week; {share} were late in the week of {date}.",
            "{n} weeks; the worst is that of {date}, with {share} late.",
        ),
        # By lane.
        "d_lanes_one": "The only place named is {name}",
        "d_lanes_many": "The longest promises go to {name}, {days} days; the shortest to {other}, {least}",
        "d_lanes_unit": (
            "Mean days promised: 1 of {all} places",
            "Mean days promised: {n} of {all} places, those with most orders",
        ),
        "d_lanes_note": "{share} of {orders} kept",
        "d_lane_unknown": "not named",
        # Ways to promise.
        "d_ways_title": "Every way to promise, on the same orders",
        "d_way_ours": "learnt, all together",
        "d_way_ours_each": "learnt, each alone",
        "d_way_ours_together": "learnt, all together, for comparison",
        "d_way_ours_without_estimate": "learnt without the shop’s estimate",
        "d_way_shop": "the shop’s own estimate",
        "d_way_fixed": "the same days to everyone",
        "d_way_percentile_95": "95th percentile of the last 8 weeks",
        # What went in.
        "d_in_orders": "Orders read",
        "d_in_arrived": "of them arrived",
        "d_in_open": "never arrived so far",
        "d_in_called_off": "called off",
        "d_in_judged": "Orders judged",
        "d_in_never_arrived": "of them overdue, counted as broken",
        "d_in_pending": "open, not judged yet",
        "d_in_rejected": "Rows that could not be read",
        # What it cannot know.
        "d_limit_dates": "Promises are judged by date: an order that arrives on the promised date is kept, at whatever hour.",
        "d_limit_weeks": "Orders of one week are late together. Intervals draw whole weeks; a month has four or five, so its interval is rough.",
        "d_limit_called_off": "When an order was called off is not in the file. Such orders are not judged; while learning they count as open.",
        "d_limit_open": "An order that never arrived counts as broken under every promise once all of them have passed.",
        "d_limit_estimate": "The shop’s estimate is used as one thing known at purchase. What the shop did not tell, such as its sellers’ backlog, is not known.",
        "d_limit_rewritten": "More than a third of the orders arrived exactly on the shop’s date: those dates were rewritten afterwards, and beating them means nothing. Keep a promise as it was when it was given.",
        "d_limit_together": "The share asked for is that of all promises together; each order has a chance of its own, higher where waiting costs little.",
        "again_files": "Everything behind these figures is in summary.json, and what could not be read in rejected.csv, beside this file.",
        # Heads of tables.
        "head_d_kept": "Kept",
        "head_d_ours": "Learnt, days",
        "head_d_without": "Without estimate, days",
        "head_d_shop": "Shop’s own, days",
        "head_d_shorter": "Shorter",
        "head_d_month": "Month",
        "head_d_week": "Week of",
        "head_d_orders": "Orders",
        "head_d_promised": "Days promised",
        "head_d_given": "Days given away",
        "head_d_arrival": "Days to arrival",
        "head_d_shop_kept": "Shop’s own kept",
        "head_d_lane": "Place",
        "head_d_way": "Way",
    }
)
