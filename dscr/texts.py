"""What people typed, as the database keeps it."""


def clean(text: str) -> str:
    """Without NUL and with half a character (an emoji that was cut in two, as JSON may hold it) shown as one that is
    missing: the database refuses both. Line ends as one character, none around."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "").replace("\r\n", "\n").strip()
