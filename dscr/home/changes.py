"""The latest changes as the operator reads them: one assessment that moves many products is told once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ratings.causes import Cause
from ratings.figures import in_words, joined
from ratings.queries.overview import Change

SHOWN = 10
NAMED = 2  # labelers


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """Changes with the same causes, newest first, all of them published or none."""

    changes: list[Change]

    @property
    def newest(self) -> Change:
        return self.changes[0]

    @property
    def causes(self) -> list[Cause]:
        return self.newest.causes

    @property
    def preview_words(self) -> str:
        return self.newest.preview_words

    @property
    def title(self) -> str:
        """8 products of Calderwyn Health."""
        labelers = list(dict.fromkeys(change.snapshot.product.labeler_name for change in self.changes))
        who = joined(labelers) if len(labelers) <= NAMED else f"{len(labelers)} labelers"
        return f"{len(self.changes)} products of {who}"

    @property
    def moved(self) -> str:
        """5 rose, 3 fell."""
        pairs = [(change.before.score, change.snapshot.score) for change in self.changes]
        steps = [now - was for was, now in pairs if was is not None and now is not None]
        counts = ((sum(step > 0 for step in steps), "rose"), (sum(step < 0 for step in steps), "fell"))
        return ", ".join(f"{count} {verb}" for count, verb in counts if count)

    @property
    def stood(self) -> str:
        """3 changed band; all of them where the status moved."""
        count = sum(
            (change.before.status, change.before.band) != (change.snapshot.status, change.snapshot.band)
            for change in self.changes
        )
        return f"{count} changed band or status" if count else "no band changed"


def grouped(changes: Iterable[Change]) -> list[ChangeGroup]:
    """Every group, each where its newest change stands; what is in preview apart from what was published."""
    groups: dict[tuple[str, ...], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.preview_words, *(cause.text for cause in change.causes)), []).append(change)
    return [ChangeGroup(members) for members in groups.values()]


def part_sentence(groups: Sequence[ChangeGroup]) -> str:
    """ "" where all are shown. How many there are in all is not said: they are sought among the newest only."""
    return f"The {in_words(SHOWN)} newest." if len(groups) > SHOWN else ""
