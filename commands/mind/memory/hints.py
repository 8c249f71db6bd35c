"""What kind of answer a question wants: a date it names, a number it asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
DAY_US = 86_400_000_000

_MONTH = "|".join(MONTHS)
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({_MONTH})\b,?(?: (\d{{4}})\b)?")
_MONTH_DAY = re.compile(rf"\b({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d),?(?: (\d{{4}})\b)?")
_MONTH_ONLY = re.compile(rf"\b(?:(in|of|during|early|late|since|last|this) )?({_MONTH})\b(?:,? (\d{{4}})\b)?")
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_HOW_MANY = re.compile(r"\bhow (?:many|much|old|long|often|far)\b")


@dataclass(frozen=True, slots=True)
class Hints:
    """`dates` holds (year or None, month, day or None); `number` is true when a number is asked for."""

    dates: tuple[tuple[int | None, int, int | None], ...] = ()
    number: bool = False


def hints_of(question: str) -> Hints:
    """Read the hints from a folded (lower-case, bounded) English question; other languages give none."""
    dates: list[tuple[int | None, int, int | None]] = []
    for day, month, year in _DAY_MONTH.findall(question):
        dates.append((int(year) if year else None, MONTHS.index(month) + 1, int(day)))
    for month, day, year in _MONTH_DAY.findall(question):
        dates.append((int(year) if year else None, MONTHS.index(month) + 1, int(day)))
    for year, month, day in _ISO.findall(question):
        dates.append((int(year), int(month), int(day)))
    if not dates:
        for before, month, year in _MONTH_ONLY.findall(question):
            if month in ("may", "march") and not before and not year:
                continue  # far more often a verb than a month
            dates.append((int(year) if year else None, MONTHS.index(month) + 1, None))
    valid = [date for date in dates if 1 <= date[1] <= 12 and (date[2] is None or 1 <= date[2] <= 31)]
    return Hints(tuple(dict.fromkeys(valid))[:4], bool(_HOW_MANY.search(question)))


def civil(at: int) -> tuple[int, int, int]:
    """(year, month, day) in UTC of a time in µs since the epoch, in integers (algorithm: Hinnant,
    `civil_from_days`)."""
    shifted = at // DAY_US + 719_468
    era, of_era = divmod(shifted, 146_097)
    year_of_era = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    day_of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    month = shifted_month + 3 if shifted_month < 10 else shifted_month - 9
    return year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * shifted_month + 2) // 5 + 1


def days(year: int, month: int, day: int) -> int:
    """Days since the epoch of a civil date (Hinnant, `days_from_civil`); a day past the month's end rolls
    over."""
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


def closeness(hints: Hints, at: int) -> int:
    """How well a memory's time answers the dates of a question, 0–1000.

    Full marks on the day and two days after, when it is told; less for two weeks after. A month without a day
    counts wholly, and the first half of the next month by half.
    """
    best = 0
    year, month, day = civil(at)
    for wanted_year, wanted_month, wanted_day in hints.dates:
        if wanted_day is not None:
            years = (wanted_year,) if wanted_year is not None else (year, year - 1)
            for candidate in years:
                late = at // DAY_US - days(candidate, wanted_month, wanted_day)
                best = max(best, 1_000 if 0 <= late <= 2 else 600 if 0 <= late <= 14 else 0)
        elif wanted_month == month and wanted_year in (None, year):
            best = 1_000
        elif (month - wanted_month) % 12 == 1 and day <= 15 and wanted_year in (None, year, year - 1):
            best = max(best, 500)
    return best
