"""The keys by which the form of an assessor names its texts: MC1.level, MC1.notes."""

from qmm.rubric.fields import CODE


def is_key(key: str, fields: tuple[str, ...]) -> bool:
    code, _, name = key.partition(".")
    return bool(CODE.fullmatch(code)) and name in fields
