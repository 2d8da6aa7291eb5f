"""Listed molecules as the purchaser and the coordinator read them."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from ratings.figures import first_up, in_words
from ratings.queries.coverage import LOWER_BANDS, NOT_RATED, Coverage, MoleculeStanding


@dataclass(frozen=True, slots=True)
class MoleculeRow:
    standing: MoleculeStanding
    address: str


def molecule_rows(molecules: list[MoleculeStanding]) -> list[MoleculeRow]:
    return [MoleculeRow(molecule, _address(molecule.molecule)) for molecule in molecules]


def _address(molecule: str) -> str:
    """Its page, or "" while there is none."""
    try:
        return reverse("ratings:molecule-detail", args=[molecule])
    except NoReverseMatch:
        return ""


def weakest_sentence(listed: Coverage) -> str:
    """How many listed molecules rest on nothing that is rated well, and how many are not ranked."""
    combinations = listed.combinations
    which = f"{first_up(in_words(combinations))} {'is a combination' if combinations == 1 else 'are combinations'}"
    scope = f"{which}, which the method does not rate yet." if combinations else ""
    return " ".join(filter(None, (_ranked_sentence(listed), scope)))


def _ranked_sentence(listed: Coverage) -> str:
    if not listed.weakest:
        return ""
    total = listed.molecule_count
    none = sum(row.level == NOT_RATED for row in listed.weakest)
    lower = sum(row.level == LOWER_BANDS for row in listed.weakest)
    if not none and not lower:
        which = f"{len(listed.weakest)} listed molecules{' that the method rates' if listed.combinations else ''}"
        return f"Every one of the {which} has a product rated High or Very high."
    told = []
    if none:
        told.append(f"{in_words(none)} of {total} listed molecules {_have(none)} no rated product")
    if lower:
        more = f"{in_words(lower)} more" if none else f"{in_words(lower)} of {total} listed molecules"
        told.append(f"{more} {_have(lower)} none rated High or Very high")
    return first_up(f"{'; '.join(told)}.")


def _have(count: int) -> str:
    return "has" if count == 1 else "have"
