"""Names of drugs in one casing, though the directory has several of one and the same word; strengths as on a label."""

import re

# In names of drugs, where the directory writes one and the same word in capitals and not; each as it is usual.
USUAL_LETTERS = (
    "ATP BCG CPD DHEA DL DNA EDTA GABA HBr HCl HCV HIV HPV IgG OTC PCMX PEG PVC RNA RSV SPF USP "
    "II III IV VI VII VIII IX XI XII XIII"
)
DRUG_ACRONYMS = {word.upper(): word for word in USUAL_LETTERS.split()}
DRUG_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
UNIT_WORDS = {"ug": "mcg", "meq": "mEq", "[iU]": "international units"}
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


def strength(text: str, dosage_form: str = "") -> str:
    """A strength of the FDA directory as a label writes it: ".1 mg/1" of tablets is "0.1 mg per tablet"."""
    return "; ".join(_one_strength(part.strip(), dosage_form.lower()) for part in text.split(";") if part.strip())


def _one_strength(text: str, dosage_form: str) -> str:
    text = re.sub(r"\[(\w+)'U\]", r"\1 units", text)
    for code, word in UNIT_WORDS.items():
        text = re.sub(rf"(?<!\w){re.escape(code)}(?!\w)", word, text)
    if text.endswith("/1"):
        unit = next((word for word in ("tablet", "capsule") if dosage_form.startswith(word)), "")
        text = text.removesuffix("/1") + (f" per {unit}" if unit else " each")
    return re.sub(r"\d+(\.\d+)?|\.\d+", lambda found: _grouped(found.group()), text)


def _grouped(number: str) -> str:
    """A leading zero and thousands separators; no decimal is added or dropped."""
    whole, point, decimals = number.partition(".")
    return f"{int(whole or 0):,}{point}{decimals}"
