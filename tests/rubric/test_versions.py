"""Drafts and published versions: what is kept for ever, who overwrites whom (nobody), what publication asks."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, IntegrityError, transaction

from dscr.access.models import User
from dscr.audit.models import AuditEntry
from qmm.models import Rubric
from qmm.rubric.shipped import shipped
from qmm.services.first_rubric import publish_after_migrate
from qmm.services.rubric import (
    Change,
    DraftClosedError,
    DraftOpenError,
    RevisionError,
    draft_begin,
    draft_discard,
    draft_publish,
    draft_save,
    element_add,
    element_leave_out,
)

pytestmark = pytest.mark.django_db
NOTE = "The name was misunderstood in two visits."


def first() -> Rubric:
    return Rubric.objects.in_force().get()


def named(draft: Rubric, name: str, user: User, was: str = "Quality culture and leadership") -> Rubric:
    assert draft_save(draft, user=user, changes={"MC1.name": Change(was, name)}).conflicts == {}
    return Rubric.objects.get(pk=draft.pk)


def published(draft: Rubric, user: User) -> Rubric:
    draft.refresh_from_db()
    return draft_publish(draft, user=user, note=NOTE, revision=draft.revision)


def test_a_new_database_has_the_first_version() -> None:
    rubric = first()
    assert (rubric.version, rubric.state, rubric.texts) == ("2026.1", "published", shipped())
    publish_after_migrate(using="default")
    assert Rubric.objects.count() == 1


def test_a_draft_is_a_copy_of_the_version_in_force_and_there_is_one(draft: Rubric, colleague: User) -> None:
    assert (draft.texts, draft.based_on, draft.version) == (shipped(), first(), None)
    with pytest.raises(DraftOpenError, match=f"A draft is open already; {draft.created_by} began it"):
        draft_begin(user=colleague)
    with pytest.raises(IntegrityError), transaction.atomic():
        Rubric.objects.create()


@pytest.mark.parametrize(
    "change",
    [
        lambda rubric: Rubric.objects.filter(pk=rubric.pk).update(note="Another"),
        lambda rubric: Rubric.objects.filter(pk=rubric.pk).update(texts={}),
        lambda rubric: Rubric.objects.filter(pk=rubric.pk).update(state="draft", version=None, published_at=None),
        lambda rubric: Rubric.objects.filter(pk=rubric.pk)._raw_delete(DEFAULT_DB_ALIAS),  # past what Django protects
        lambda rubric: Rubric.objects.filter(pk=rubric.pk).update(
            state="retired", retired_at=rubric.published_at, note="x"
        ),
    ],
)
def test_the_database_refuses_to_change_what_was_published(change: Callable[[Rubric], object]) -> None:
    with pytest.raises(DatabaseError, match="kept as it is"), transaction.atomic():
        change(first())
    assert first().texts == shipped()


def test_a_retired_version_and_a_discarded_draft_are_never_changed(draft: Rubric, operator: User) -> None:
    before = first()
    published(named(draft, "Culture", operator), operator)
    other = draft_begin(user=operator)
    draft_discard(other, user=operator)
    for kept in (before, other):
        for change in ({"state": "draft"}, {"note": "x"}):
            with pytest.raises(DatabaseError, match="kept as it is"), transaction.atomic():
                Rubric.objects.filter(pk=kept.pk).update(**change)
        with pytest.raises(DatabaseError, match=r"kept as it is|protected"), transaction.atomic():
            Rubric.objects.filter(pk=kept.pk).delete()


def test_two_people_who_write_different_texts_never_meet(draft: Rubric, operator: User, colleague: User) -> None:
    named(draft, "Culture", operator)
    was = draft.texts["MC1"]["anchor_1"]
    saved = draft_save(draft, user=colleague, changes={"MC1.anchor_1": Change(was, "Another anchor")})
    stored = Rubric.objects.get(pk=draft.pk)
    assert saved.conflicts == {}
    assert (stored.texts["MC1"]["name"], stored.texts["MC1"]["anchor_1"]) == ("Culture", "Another anchor")
    assert (stored.revision, stored.edits["MC1.name"]["by"], stored.updated_by) == (3, operator.pk, colleague)


def test_nobody_is_overwritten_unseen(draft: Rubric, operator: User, colleague: User) -> None:
    named(draft, "Culture", operator)
    changes = {
        "MC1.name": Change("Quality culture and leadership", "Leadership"),
        "MC2.name": Change("Quality objectives tied to strategy", "Objectives"),
    }
    saved = draft_save(draft, user=colleague, changes=changes)
    stored = Rubric.objects.get(pk=draft.pk)
    assert saved.conflicts["MC1.name"]["now"] == "Culture"
    assert saved.conflicts["MC1.name"]["name"] == str(operator)
    assert (stored.texts["MC1"]["name"], stored.texts["MC2"]["name"]) == ("Culture", "Objectives")
    alike = draft_save(draft, user=colleague, changes={"MC1.name": Change("Something else", "Culture")})
    assert alike.conflicts == {}  # what two people wrote alike is no conflict


@pytest.mark.parametrize("key", ["MC1.anchor_6", "MC9.name", "nonsense"])
def test_a_key_that_is_no_text_of_the_draft_is_refused(draft: Rubric, operator: User, key: str) -> None:
    with pytest.raises(KeyError):
        draft_save(draft, user=operator, changes={key: Change("", "x")})


def test_publication(draft: Rubric, operator: User) -> None:
    before = first()
    new = published(named(draft, "Culture and leadership", operator), operator)
    before.refresh_from_db()
    assert (new.state, new.version, new.note, new.published_by) == ("published", new.version, NOTE, operator)
    assert new.version == f"{new.published_at.year}.{'2' if new.published_at.year == 2026 else '1'}"
    assert (before.state, before.retired_at, before.texts) == ("retired", new.published_at, shipped())
    assert first() == new
    assert first().texts == shipped() | {"MC1": shipped()["MC1"] | {"name": "Culture and leadership"}}
    with pytest.raises(DraftClosedError):
        draft_save(draft, user=operator, changes={"MC1.name": Change("", "x")})


def test_publication_is_refused(draft: Rubric, operator: User) -> None:
    def refused(note: str = NOTE) -> str:
        draft.refresh_from_db()
        with pytest.raises(ValidationError) as error:
            draft_publish(draft, user=operator, note=note, revision=draft.revision)
        return error.value.messages[0]

    assert refused() == "Nothing differs from version 2026.1. Change something, or discard the draft."
    named(draft, "", operator)
    assert refused() == "1 place is not ready. Complete them first."
    named(draft, "Culture", operator, was="")
    assert refused("  no ").startswith("Say what changed and why")
    assert refused("x" * 2001) == "The note has 2,001 characters; shorten it to 2,000."
    with pytest.raises(RevisionError):
        draft_publish(draft, user=operator, note=NOTE, revision=draft.revision - 1)
    assert first().version == "2026.1"


def test_codes_are_never_given_again(draft: Rubric, operator: User) -> None:
    assert element_add(draft, "TE", user=operator) == "TE4"
    assert element_add(draft, "TE", user=operator) == "TE5"
    element_leave_out(draft, "TE4", user=operator, left_out=True)
    element_leave_out(draft, "TE5", user=operator, left_out=True)
    element_leave_out(draft, "EE3", user=operator, left_out=True)
    published(draft, operator)
    assert "EE3" not in first().texts
    again = draft_begin(user=operator)
    assert element_add(again, "EE", user=operator) == "EE4"
    assert element_add(again, "TE", user=operator) == "TE4"  # it was in no published version
    with pytest.raises(KeyError):
        element_add(again, "XX", user=operator)
    with pytest.raises(KeyError):
        element_leave_out(again, "EE3", user=operator, left_out=True)


def test_an_element_that_is_left_out_keeps_its_texts_until_publication(draft: Rubric, operator: User) -> None:
    element_leave_out(draft, "MC1", user=operator, left_out=True)
    stored = named(draft, "Culture", operator)  # somebody's late save is not lost
    assert "MC1" not in stored.kept_texts
    element_leave_out(draft, "MC1", user=operator, left_out=False)
    assert Rubric.objects.get(pk=draft.pk).kept_texts["MC1"]["name"] == "Culture"


def test_the_audit_has_beginning_and_publication_and_no_typing(draft: Rubric, operator: User) -> None:
    named(draft, "Culture", operator)
    entries = AuditEntry.objects.filter(kind="rubric", subject_id=draft.pk)
    assert [entry.action for entry in entries.order_by("id")] == ["added"]
    published(draft, operator)
    entry = entries.order_by("id").last()
    assert entry is not None
    assert (entry.action, entry.label, entry.after["note"]) == ("changed", first().version, NOTE)
    assert "texts" not in entry.after
