"""The first rubric is complete, its texts are of the kind they must be, and none repeats another."""

import re
from itertools import combinations

import pytest

from qmm.models import AREAS as AREA_CODES
from qmm.models import Assessment
from qmm.rubric import AREAS, FIELDS, GROUPS, LADDER, faults, in_order, read
from qmm.rubric.fields import field_of
from qmm.rubric.shipped import shipped

ELEMENTS = {"MC": 4, "BC": 4, "PQ": 6, "TE": 3, "EE": 3}
# Words by which two assessors could mean two things, and British spelling.
VAGUE = re.compile(
    r"\b(good|bad|adequate\w*|appropriate\w*|sufficient\w*|proper\w*|excellent|robust\w*|properly)\b", re.I
)
BRITISH = re.compile(
    r"\b(\w+isation|(organis|optimis|recognis|standardis|prioritis|minimis|analyse|colour|behaviour|labour|centre|"
    r"programme|judgement|catalogu)\w*)\b",
    re.I,
)


def test_five_areas_and_twenty_elements() -> None:
    sections = read(shipped())
    assert {section.area.prefix: len(section.elements) for section in sections} == ELEMENTS
    assert in_order(shipped())[:2] == ["MC1", "MC2"]
    assert in_order(shipped())[-1] == "EE3"


def test_the_areas_are_those_of_an_assessment() -> None:
    assert tuple(area.code for area in AREAS) == AREA_CODES
    for area in AREAS:
        assert str(Assessment._meta.get_field(area.code).verbose_name).capitalize() == area.label


def test_nothing_is_missing() -> None:
    assert faults(shipped()) == []
    anchors = [level.anchor for section in read(shipped()) for element in section.elements for level in element.levels]
    assert len(anchors) == 100


def test_every_anchor_has_two_to_four_sentences() -> None:
    for code, fields in shipped().items():
        for level in range(1, 6):
            sentences = len(re.findall(r"[.?](?:\s|$)", fields[f"anchor_{level}"]))
            assert 2 <= sentences <= 4, (code, level, sentences)


def test_no_text_stands_twice() -> None:
    seen: dict[str, str] = {}
    for code, fields in shipped().items():
        for name, text in fields.items():
            for line in text.splitlines():
                assert line not in seen, (code, name, seen[line])
                seen[line] = f"{code}.{name}"


def test_no_phrase_of_six_words_stands_in_two_anchors() -> None:
    phrases = {
        (code, level): _phrases(fields[f"anchor_{level}"], 6)
        for code, fields in shipped().items()
        for level in range(1, 6)
    }
    repeated = {
        (one, other, " ".join(phrase))
        for (one, first), (other, second) in combinations(phrases.items(), 2)
        for phrase in first & second
    }
    assert repeated == set()


def test_words_that_two_assessors_could_read_differently_are_not_used() -> None:
    for code, fields in shipped().items():
        for name, text in fields.items():
            if name.startswith(("anchor", "evidence")):
                assert not VAGUE.findall(text), (code, name)
            assert not BRITISH.findall(text), (code, name)
            assert "!" not in text


def test_keys_name_a_text() -> None:
    assert field_of("MC1.anchor_3") == ("MC1", FIELDS["anchor_3"])
    assert len(FIELDS) == 2 + len(GROUPS) + 2 * len(LADDER)
    for key in ("", "MC1", "MC1.", "XX1.name", "MC0.name", "MC100.name", "MC1.anchor_6", "mc1.name", "MC1.name.x"):
        with pytest.raises(KeyError):
            field_of(key)


def test_faults_name_what_is_wrong() -> None:
    texts = {code: dict(fields) for code, fields in shipped().items()}
    texts["MC1"] |= {"anchor_2": " ", "evidence_3": "One piece of evidence", "anchor_5": texts["MC1"]["anchor_4"]}
    texts["MC2"] |= {f"questions_{group}": "" for group in GROUPS} | {"name": texts["MC1"]["name"].upper()}
    texts["MC3"]["looked_for"] = "x" * 601
    for code in ("TE1", "TE2", "TE3"):
        del texts[code]
    assert [(fault.code, fault.field, fault.message) for fault in faults(texts)] == [
        ("MC1", "anchor_2", "Missing. Write it."),
        ("MC1", "evidence_3", "1 example; give 2 to 4, one a line."),
        ("MC1", "anchor_5", "The same as level 4. Say what sets the two apart."),
        (
            "MC2",
            "questions_leadership",
            "No sample questions; give 3 to 6 in all, one a line, to those who can answer them.",
        ),
        ("MC3", "looked_for", "601 characters long; shorten it to 600."),
        ("", "", "Technical excellence has no element. Every practice area needs at least one."),
        ("MC2", "name", "MC1 has the same name. Give each element a name of its own."),
    ]


def _phrases(text: str, length: int) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z’'-]+", text.lower())
    return {tuple(words[start : start + length]) for start in range(len(words) - length + 1)}
