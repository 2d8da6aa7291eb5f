"""Dates as pages and addresses give them."""

from datetime import date


def read_day(text: str, fallback: date) -> tuple[date, str]:
    """(the day, what is wrong with the text): the fallback where the text is blank or wrong."""
    text = text.strip()
    if not text:
        return fallback, ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return fallback, f"Give a date as year-month-day, such as 2026-03-31; “{text[:20]}” is not one."
    if not 1990 <= day.year <= fallback.year + 10:
        return fallback, f"Give a date between 1990 and {fallback.year + 10}; {text[:20]} is outside."
    return day, ""
