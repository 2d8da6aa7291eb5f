"""What is recorded stays, for the application's own role too."""

import pytest
from django.db import DatabaseError

from dscr.audit.models import AuditEntry
from products.models import DrugList
from tests.audit.conftest import Trail, sql


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET user_email = 'nobody@demo.example'",
        "UPDATE audit_entry SET action = action WHERE false",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_entry WHERE false",
        "INSERT INTO audit_entry (id, action) SELECT id, 'viewed' FROM audit_entry LIMIT 1 "
        "ON CONFLICT (id) DO UPDATE SET action = 'viewed'",
    ],
)
def test_an_entry_cannot_be_changed_or_deleted(trail: Trail, statement: str) -> None:
    DrugList.objects.create(name="Essential")
    with pytest.raises(DatabaseError, match="The audit is kept for ever"):
        sql(statement)


def test_the_audit_cannot_be_emptied(trail: Trail) -> None:
    with pytest.raises(DatabaseError, match="The audit is kept for ever"):
        sql("TRUNCATE audit_entry")


def test_the_orm_cannot_either(trail: Trail) -> None:
    DrugList.objects.create(name="Essential")
    with pytest.raises(DatabaseError, match="The audit is kept for ever"):
        AuditEntry.objects.all().delete()
