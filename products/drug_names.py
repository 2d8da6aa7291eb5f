"""Names of drugs in one casing; the directory has several of one and the same word."""

import re

# In names of drugs, where the directory writes one and the same word in capitals and not; each as it is usual.
USUAL_LETTERS = (
    "ATP BCG CPD DHEA DL DNA EDTA GABA HBr HCl HCV HIV HPV IgG OTC PCMX PEG PVC RNA RSV SPF USP "
    "II III IV VI VII VIII IX XI XII XIII"
)
DRUG_ACRONYMS = {word.upper(): word for word in USUAL_LETTERS.split()}
DRUG_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
SHORT_CODE = re.compile(r"[A-Z]{1,3}[0-9]+[A-Z0-9]*|[A-Z]")  # B12, H1N1; the A of vitamin A


def drug_name(text: str) -> str:
    """A name of a drug in one casing, though the directory has several: MORPHINE SULFATE and Morphine Sulfate are
    "Morphine sulfate". Acronyms, short codes and capitals within a word (prednisoLONE) stay."""
    return _first_up(DRUG_WORD.sub(lambda found: _drug_word(found.group()), text))


def _drug_word(word: str) -> str:
    if not word.isupper() and any(letter.isupper() for letter in word[1:]):
        return word
    known_as = DRUG_ACRONYMS.get(word.upper()) if word.isupper() else None
    return known_as or (word if SHORT_CODE.fullmatch(word) else word.lower())


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]
