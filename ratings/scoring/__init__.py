"""The scoring core: pure, vectorised, no clock, no database. It imports numpy, pandas, the standard library and itself.

    score(frames, methodology, as_of) = score_effective(resolve(frames, methodology, as_of), methodology)

The specification is the methodology file in `methodologies/` and the golden portfolios in `tests/golden/`.
"""

from .dates import add_months
from .effective import resolve
from .frames import (
    AREAS,
    CLASSIFICATIONS,
    GATES,
    KPI_FIELDS,
    STAGES,
    EffectiveInputs,
    Frames,
    pack_country,
    unpack_country,
)
from .indicators import INDICATORS
from .methodology import Methodology, MethodologyError, available_versions, load_methodology
from .scorer import score, score_effective
from .table import FAULTY, INSUFFICIENT, RATED, ScoreTable

__all__ = [
    "AREAS",
    "CLASSIFICATIONS",
    "FAULTY",
    "GATES",
    "INDICATORS",
    "INSUFFICIENT",
    "KPI_FIELDS",
    "RATED",
    "STAGES",
    "EffectiveInputs",
    "Frames",
    "Methodology",
    "MethodologyError",
    "ScoreTable",
    "add_months",
    "available_versions",
    "load_methodology",
    "pack_country",
    "resolve",
    "score",
    "score_effective",
    "unpack_country",
]
