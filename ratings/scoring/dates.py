"""Calendar months on numpy dates."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["add_months"]


def add_months(dates: ArrayLike, months: ArrayLike) -> NDArray[np.datetime64]:
    """Dates `months` calendar months later: the same day of the month, or that month's last day.

    `dates` is datetime64[D] of any shape (NaT stays NaT), `months` whole numbers that broadcast against it.
    Source: methodology.md, "QMM domain" (31 January + 1 month = 28 or 29 February).
    """
    days = np.asarray(dates, dtype="datetime64[D]")
    month = days.astype("datetime64[M]")
    day_of_month = days - month.astype("datetime64[D]")
    target = month + np.asarray(months).astype("timedelta64[M]")
    last_day = (target + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
    return np.minimum(target.astype("datetime64[D]") + day_of_month, last_day)
