"""One thing that was broken on purpose, and how soon work went on after it."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Outage:
    what: str
    began: float
    ended: float = 0.0
    # How long after its end the workers that lived through it worked again, each.
    resumed: dict[int, float] = field(default_factory=dict)
    survivors: set[int] = field(default_factory=set)
