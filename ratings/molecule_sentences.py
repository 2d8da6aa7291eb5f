"""What a molecule's page says before it shows anything."""

from ratings import figures
from ratings.columns import band_word
from ratings.figures import first_up, in_words
from ratings.queries.molecules import CONTRIBUTING, MoleculeDetail, MoleculeRow

HIGH = 4


def molecule_sentence(detail: MoleculeDetail) -> str:
    """Five of nine NDCs are rated, by three independent manufacturers; two are High or better."""
    row, makers = detail.row, detail.rated_makers
    if not row.rated:
        count = "The one NDC is" if row.ndcs == 1 else f"None of the {in_words(row.ndcs)} NDCs is"
        said = f"{count} {'not ' if row.ndcs == 1 else ''}rated"
        if detail.is_combination:
            said += ": this is a combination, which the method does not rate yet"
    else:
        who = "one manufacturer" if makers == 1 else f"{in_words(makers)} independent manufacturers"
        verb = "is" if row.rated == 1 else "are"
        said = (
            f"{in_words(row.rated)} of {in_words(row.ndcs)} {'NDC' if row.ndcs == 1 else 'NDCs'} {verb} rated, by {who}"
        )
        high = sum(row.bands[HIGH - 1 :])
        said += f"; {in_words(high) if high else 'none'} {'is' if high <= 1 else 'are'} High or better"
    since = min((entry.posted_on for entry in detail.shortages if entry.posted_on), default=None)
    if detail.shortages:
        said += "; on the FDA shortage list" + (f" since {figures.day(since)}" if since else "")
    return f"{first_up(said)}."


def spread_words(row: MoleculeRow) -> str:
    """From Low to High; or the one band; or why there is none."""
    if not row.rated:
        return "none rated" if row.enrolled else "not enrolled"
    if row.best == row.worst:
        return band_word(row.best)
    return f"{band_word(row.worst)} to {band_word(row.best)}"


def no_scale_sentence(detail: MoleculeDetail) -> str:
    """Why there is no scale of scores."""
    if detail.is_combination:
        return "The method does not rate combinations yet."
    return "None of them has a score yet."


def statistics_sentence(detail: MoleculeDetail) -> str:
    found = detail.statistics
    if found:
        return (
            f"The mean score is {figures.points(found[0])} and the median {figures.points(found[1])}, over "
            f"{in_words(len(detail.rated))} rated NDCs of {in_words(detail.rated_makers)} manufacturers."
        )
    if len(detail.rated) < 2:
        return ""
    return (
        f"No mean or median is given: that takes {in_words(CONTRIBUTING)} manufacturers with rated NDCs, so that none "
        "can be told from the others."
    )


def not_enrolled_sentence(detail: MoleculeDetail) -> str:
    count = detail.not_enrolled_count
    if not count:
        return ""
    return f"{first_up(in_words(count))} {'is' if count == 1 else 'are'} not enrolled, which is neither good nor bad."
