"""Finding package codes in running text, such as "10 mg (NDCs 0603-2212-02, 0603-2212-16) Catalog 3105-11"."""

import re

from products.ndc import DASHES, NdcError, readings

# Digits and dashes that are no part of a word or a longer number; "NDC" may stand before them, even without a space.
CODE = re.compile(r"(?P<ndc>\bNDCs?[\s:#]*)?(?<![a-z0-9-])(?<!\d\.)(?P<code>[0-9]+(?:-+[0-9]+)*)(?![a-z0-9-])", re.I)
JOINED = re.compile(r"\bNDC(?=[0-9])", re.IGNORECASE)


def package_codes(text: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Canonical package keys in order, each once; and what could not be read, as (reason, text).

    Three segments, or 10 to 12 digits, are taken for a code wherever they stand; anything shorter only straight after
    the word NDC, for catalog numbers look the same.
    """
    text = JOINED.sub("NDC ", text.translate(DASHES))
    codes: dict[str, None] = {}
    unread: list[tuple[str, str]] = []
    for match in CODE.finditer(text):
        code = match["code"]
        if not match["ndc"] and code.count("-") < 2 and not (code.isdecimal() and 10 <= len(code) <= 12):
            continue
        package, reason = _read(code, is_cut=_is_cut(text, match))
        if package:
            codes[package] = None
        else:
            unread.append((reason, code))
    if not codes and not unread:
        unread.append(("no NDC in the presentation", text))
    return list(codes), unread


def _read(code: str, *, is_cut: bool) -> tuple[str | None, str]:
    try:
        found = readings(code)
    except NdcError:
        return None, "NDC with segments of an unknown length"
    if len(found) > 1:
        return None, "NDC of 10 digits without dashes has several readings"
    if found[0].package is None:
        return None, "NDC names a product and not a package"
    if is_cut and found[0].form == "5-4-1":
        return None, "NDC may be cut off at the end of the text"
    return found[0].package, ""


def _is_cut(text: str, match: re.Match[str]) -> bool:
    """A bracket was opened and the text ends within the code: 5-4-1 may then be the beginning of 5-4-2."""
    return match.end() == len(text) and text.count("(") > text.count(")")
