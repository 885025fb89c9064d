"""China's festivals of a year: the day by law from which each is measured, and what it is called."""

from collections.abc import Iterator, Mapping
from datetime import date

from houbei.calendars.days import date_of, day_number
from houbei.calendars.documents import CalendarDocument, Year
from houbei.calendars.lunar import lunar_day

Names = tuple[str, str]
"""In Chinese and in English."""

NEW_YEAR, LABOUR, NATIONAL = "new_year", "labour", "national"
SPRING, DRAGON_BOAT, MID_AUTUMN, QINGMING = "spring", "dragon_boat", "mid_autumn", "qingming"
NAMES: Mapping[str, Names] = {
    NEW_YEAR: ("元旦", "New Year's Day"),
    SPRING: ("春节", "Spring Festival"),
    QINGMING: ("清明节", "Qingming Festival"),
    LABOUR: ("劳动节", "Labour Day"),
    DRAGON_BOAT: ("端午节", "Dragon Boat Festival"),
    MID_AUTUMN: ("中秋节", "Mid-Autumn Festival"),
    NATIONAL: ("国庆节", "National Day"),
}
_SOLAR = {NEW_YEAR: (1, 1), LABOUR: (5, 1), NATIONAL: (10, 1)}
_LUNAR = {SPRING: (1, 1), DRAGON_BOAT: (5, 5), MID_AUTUMN: (8, 15)}
_APRIL = 4


def festivals_of(number: int, year: Year) -> Iterator[tuple[str, int]]:
    """Give the festivals of a year of China's calendar, the fixed ones first, and the day of each, since 1970-01-01.

    Args:
        number: The year.
        year: What a document holds of it: Qingming is read from its statutory days, because no short rule computes it.
    """
    for festival, (month, day) in _SOLAR.items():
        yield festival, day_number(date(number, month, day))
    for festival, (month, day) in _LUNAR.items():
        yield festival, lunar_day(number, month, day)
    for statutory in map(date.fromisoformat, year.statutory):
        if statutory.month == _APRIL:
            yield QINGMING, day_number(statutory)


def names_of(document: CalendarDocument) -> dict[date, Names]:
    """Name the festival days of China's calendar, and the make-up workdays by the nearest festival of their year's notice.

    Returns:
        A name for each festival day by law and each make-up workday; nothing for other calendars.
    """
    names: dict[date, Names] = {}
    for number, year in document.years.items() if document.id == "cn" else ():
        festivals = [(day, festival) for festival, day in festivals_of(int(number), year)]
        names |= {date_of(day): NAMES[festival] for day, festival in festivals}
        for worked in year.worked_days:
            nearest = min(festivals, key=lambda found: (abs(found[0] - day_number(worked)), found))
            names[worked] = NAMES[nearest[1]]
    return names
