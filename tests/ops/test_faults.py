"""The fault run finds what is lost; a short one here, `make faults` does the long one."""

import os
import subprocess
import sys

import pytest

from dscr.faults.audit import lost_writes
from dscr.faults.journal import Journal, expected_rows, read
from dscr.local.data_folder import CHECKOUT
from qmm.models import Establishment

COLUMN = "qmm_establishment:{}:country"


@pytest.fixture
def journal(tmp_path):
    path = tmp_path / "x.journal"
    journal = Journal(path)
    journal.lost = lambda: lost_writes(expected_rows(read(path)))
    return journal


@pytest.mark.django_db
def test_a_row_must_hold_what_was_acknowledged_last(journal) -> None:
    row = COLUMN.format(Establishment.objects.create(name="Site", country="USA").pk)
    journal.write("tried", rows={row: "IND"})
    journal.write("acknowledged", rows={row: "IND"})
    assert len(journal.lost()) == 1
    journal.write("tried", rows={row: "USA"})  # the answer got lost, the write may have arrived
    assert journal.lost() == []
    journal.write("acknowledged", rows={row: "DEU"})
    assert len(journal.lost()) == 1


@pytest.mark.django_db
def test_an_acknowledged_row_must_be_there_and_a_deleted_one_not(journal) -> None:
    site = Establishment.objects.create(name="Site", country="USA")
    row = COLUMN.format(site.pk)
    journal.write("acknowledged", rows={row: None})
    assert len(journal.lost()) == 1
    site.delete()
    assert journal.lost() == []
    journal.write("acknowledged", rows={row: "USA"})
    assert len(journal.lost()) == 1


@pytest.mark.django_db
def test_what_was_never_acknowledged_may_be_lost(journal) -> None:
    journal.write("tried", rows={COLUMN.format(999_999): "USA"})
    assert journal.lost() == []


@pytest.mark.faults
def test_a_short_fault_run_loses_nothing() -> None:
    command = [sys.executable, "manage.py", "faults", "--seconds", "40"]
    done = subprocess.run(command, cwd=CHECKOUT, env=dict(os.environ), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASSED" in done.stdout
