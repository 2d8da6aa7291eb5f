"""What was published of a product: all that a purchaser sees. No figure, site, country or KPI is in these shapes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from ratings import figures
from ratings.figures import known
from ratings.layout import Explanation, unpack_explanation
from ratings.models import RatingSnapshot, Status
from ratings.queries.told import told_coverage
from ratings.scoring import Methodology, load_methodology
from ratings.scoring.bands import gates_in, plain_band

NOT_ENROLLED, CANNOT_BE_COMPUTED = "not_enrolled", "cannot_be_computed"
LABELS = {NOT_ENROLLED: "Not enrolled", CANNOT_BE_COMPUTED: "Cannot be computed"}


@dataclass(frozen=True, slots=True)
class PublishedDomain:
    """`word` is the label of the band that the domain's value would have; `loss` is in whole points."""

    code: str
    label: str
    weight: float
    band: int
    word: str
    loss: int


@dataclass(frozen=True, slots=True)
class PublishedGate:
    """A gate that holds; one that does not bind leaves the band as it would be without it."""

    code: str
    label: str
    reason: str
    caps_at: int
    cap_label: str
    binds: bool


@dataclass(frozen=True, slots=True)
class PublishedView:
    """`standing` is a name of models.Status in lower case, NOT_ENROLLED or CANNOT_BE_COMPUTED.

    Without a snapshot everything else is empty. `domains` is empty without a score; their losses add up to
    `points_lost`, which is 100 less the score in whole points.
    """

    standing: str
    standing_label: str
    snapshot_id: int | None = None
    methodology: Methodology | None = None
    as_of: date | None = None
    score: float | None = None
    band: int | None = None
    band_uncapped: int | None = None
    coverage: float | None = None
    in_shortage: bool = False
    gates: list[PublishedGate] = field(default_factory=list)
    domains: list[PublishedDomain] = field(default_factory=list)

    @property
    def is_rated(self) -> bool:
        return self.score is not None

    @property
    def band_label(self) -> str:
        return self.methodology.band_label(self.band or 0) if self.methodology else ""

    @property
    def points_lost(self) -> int:
        return sum(domain.loss for domain in self.domains)

    @property
    def is_on_watch(self) -> bool:
        """The band stays only because the score is within the buffer around a cut."""
        return self.methodology is not None and is_on_watch(self.score, self.band_uncapped, self.methodology)


def not_published(standing: str) -> PublishedView:
    """A product without a snapshot."""
    return PublishedView(standing, LABELS.get(standing, Status.NOT_YET_RATED.label))


def published_view(snapshot: RatingSnapshot) -> PublishedView:
    methodology = load_methodology(snapshot.methodology)
    status = Status(snapshot.status)
    explanation = unpack_explanation(snapshot.explanation, len(methodology.indicators))
    return PublishedView(
        standing=status.name.lower(),
        standing_label=str(status.label),
        snapshot_id=snapshot.pk,
        methodology=methodology,
        as_of=snapshot.as_of,
        score=snapshot.score,
        band=snapshot.band,
        band_uncapped=snapshot.band_uncapped,
        coverage=told_coverage(snapshot.coverage, snapshot.status),
        in_shortage=bool(snapshot.inputs[0]),
        gates=gates_of(snapshot.gates, snapshot.band_uncapped, methodology) if status == Status.RATED else [],
        domains=[] if snapshot.score is None else _domains(explanation, snapshot.score, methodology),
    )


def _domains(explanation: Explanation, score: float, methodology: Methodology) -> list[PublishedDomain]:
    losses = whole_losses([float(loss) for loss in explanation.domain_losses], score)
    bands = [int(band) for band in plain_band(explanation.domains, methodology)]
    return [
        PublishedDomain(domain.code, domain.label, domain.weight, band, methodology.band_label(band), loss)
        for domain, band, loss in zip(methodology.domains, bands, losses, strict=True)
    ]


def whole_losses(losses: Sequence[float], score: float) -> list[int]:
    """The domains' losses in whole points, adding up to 100 less the score, rounded half up."""
    total = math.floor(round(100 - score, 6) + 0.5)
    tenths = figures.shared_out([(known(loss) or 0.0) / 10 for loss in losses], total / 10)
    return [round(loss * 10) for loss in tenths]


def gates_of(bits: int, band_uncapped: int | None, methodology: Methodology) -> list[PublishedGate]:
    """Those that hold, of the bits of a rated snapshot."""
    gates = [methodology.gates[code] for code in gates_in(bits)]
    uncapped = band_uncapped or 0
    lowest = min([uncapped, *(gate.caps_at for gate in gates)])
    return [
        PublishedGate(
            code=gate.code,
            label=gate.label,
            reason=gate.reason,
            caps_at=gate.caps_at,
            cap_label=methodology.band_label(gate.caps_at),
            binds=gate.caps_at == lowest < uncapped,
        )
        for gate in gates
    ]


def is_on_watch(score: float | None, band_uncapped: int | None, methodology: Methodology) -> bool:
    """Whether the band would be another one without the buffer around a cut."""
    return score is not None and bool(band_uncapped) and int(plain_band(score, methodology)) != band_uncapped
