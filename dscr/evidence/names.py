"""The name that a person gave a file, made harmless for headers, pages and whoever saves it."""

import unicodedata

LONGEST = 120
NOT_IN_NAMES = '<>:"/\\|?*;`'


def clean_name(given: str) -> str:
    """Without folders, control and direction characters, and signs that a shell or a file system reads; never empty."""
    last = given.replace("\\", "/").rpartition("/")[2]
    kept = "".join(sign if unicodedata.category(sign)[0] != "C" and sign not in NOT_IN_NAMES else " " for sign in last)
    stem, dot, ending = " ".join(kept.split()).rstrip(" .").rpartition(".")
    if not dot:
        return ending[:LONGEST] or "file"
    ending = ending[:10]
    return f"{stem.strip(' .')[: LONGEST - len(ending) - 1] or 'file'}.{ending}"
