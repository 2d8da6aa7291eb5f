"""Whether a site makes something that is sold in the United States. The app of products knows, and says so here."""

from collections.abc import Callable
from datetime import date

Asked = Callable[[int, date], bool]
_asked: list[Asked] = []


def register(answers: Asked) -> None:
    """`answers(establishment id, day)`; called once, when the app that knows is ready."""
    if answers not in _asked:
        _asked.append(answers)


def on_us_market(establishment_id: int, today: date) -> bool:
    return any(answers(establishment_id, today) for answers in _asked)
