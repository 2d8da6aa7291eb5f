"""Which establishment a row of a register is about: by FEI, else by DUNS number, and never by a guess."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.db.models.functions import Coalesce

from dscr.intake.rows import RowError
from qmm.models import EstablishmentIdentifier

# The primary key of a stored establishment, or the scheme and number that make a new one.
Key = int | tuple[str, str]


class Identified(Protocol):
    fei: str
    duns: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database knows. owner: (scheme, number) -> establishment. fei: establishment -> its FEI."""

    owner: dict[tuple[str, str], int]
    fei: dict[int, str]

    @classmethod
    def read(cls) -> "Stored":
        """A number that was left with a record that was merged leads to the one that stands for it."""
        standing = Coalesce("establishment__merged_into", "establishment")
        rows = EstablishmentIdentifier.objects.values_list("scheme", "value", standing, "establishment")
        owner, fei = {}, {}
        for scheme, value, site, own in rows:
            owner[scheme, value] = site
            if scheme == "fei" and site == own:
                fei[site] = value
        return cls(owner, fei)


class Matching:
    """Looks at all rows first, so that their order does not matter."""

    def __init__(self, rows: Iterable[Identified], stored: Stored) -> None:
        self.stored = stored
        self.disputed: set[tuple[int, int]] = set()  # stored establishments that one row names, in order of id
        self.feis: dict[str, set[str]] = defaultdict(set)  # DUNS -> the FEIs it stands with in the file
        for row in rows:
            if row.fei and row.duns:
                self.feis[row.duns].add(row.fei)
        # FEI that is new -> stored establishments without a FEI that one of its DUNS numbers names, and back.
        self.adopted: dict[str, set[int]] = defaultdict(set)
        self.adopters: dict[int, set[str]] = defaultdict(set)
        for duns, feis in self.feis.items():
            site = stored.owner.get(("duns", duns))
            for fei in feis if site is not None and site not in stored.fei else ():
                if ("fei", fei) not in stored.owner:
                    self.adopted[fei].add(site)
                    self.adopters[site].add(fei)

    def key(self, fei: str, duns: str) -> Key:
        """The establishment of a row. RowError where it may be more than one."""
        by_duns = self.stored.owner.get(("duns", duns))
        if not fei:
            return by_duns if by_duns is not None else self._by_duns(duns)
        site = self._by_fei(fei)
        if by_duns is not None and by_duns != site:
            if isinstance(site, int):
                self.disputed.add((min(site, by_duns), max(site, by_duns)))
            raise RowError("DUNS number belongs to another establishment", f"FEI {fei}, DUNS {duns}")
        if by_duns is None and len(self.feis[duns]) > 1:
            raise RowError("DUNS number stands with several FEIs", f"FEI {fei}, DUNS {duns}")
        return site

    def _by_fei(self, fei: str) -> Key:
        known = self.stored.owner.get(("fei", fei))
        if known is not None:
            return known
        sites = self.adopted.get(fei, set())
        if len(sites) > 1 or any(len(self.adopters[site]) > 1 for site in sites):
            raise RowError("DUNS numbers of this FEI lead to several establishments", f"FEI {fei}")
        return next(iter(sites), ("fei", fei))

    def _by_duns(self, duns: str) -> Key:
        feis = self.feis.get(duns, set())
        if len(feis) > 1:
            raise RowError("DUNS number stands with several FEIs", f"DUNS {duns}")
        return self._by_fei(next(iter(feis))) if feis else ("duns", duns)
