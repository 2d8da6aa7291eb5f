"""The check is a job that stands in the database: whoever is free takes it, and takes it again where it was cut off."""

from collections.abc import Iterator

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from products.models import WorkbookUpload
from products.services import workbook
from products.services.workbook import LOCK, TRIES, check_waiting, upload_create
from tests.workbook.maker import QUARTER, Firm, xlsx

KEYS = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password", "NAME": "dbname"}


def create(firm: Firm) -> WorkbookUpload:
    content = xlsx(firm.template())
    return upload_create(
        organisation=firm.organisation, user=firm.editor, quarter_end=QUARTER, name="C:\\kpis\\q3.xlsx", content=content
    )


@pytest.fixture
def other_worker() -> Iterator[psycopg2.extensions.connection]:
    database = settings.DATABASES["default"] | {"NAME": connection.settings_dict["NAME"]}
    other = psycopg2.connect(**{name: database[key] for key, name in KEYS.items() if database.get(key)})
    other.autocommit = True
    yield other
    other.close()


def test_an_upload_waits_until_a_worker_takes_it(firm: Firm) -> None:
    upload = create(firm)
    assert (upload.state, upload.file_name, len(upload.sha256)) == ("waiting", "q3.xlsx", 64)
    assert check_waiting() == 1
    assert check_waiting() == 0
    upload.refresh_from_db()
    assert (upload.state, upload.done, upload.total, upload.tries) == ("ready", 3, 3, 1)


def test_no_two_workers_check_one_file_and_a_dead_ones_is_free(firm: Firm, other_worker) -> None:  # type: ignore[no-untyped-def]
    upload = create(firm)
    with other_worker.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, upload.pk])
        assert cursor.fetchone() == (True,)
    assert check_waiting() == 0
    other_worker.close()  # as when it is killed: the lock goes with the connection
    for _ in range(100):  # the server notices within milliseconds
        if check_waiting():
            break
    upload.refresh_from_db()
    assert upload.state == "ready"


def test_a_job_cut_off_in_the_middle_is_begun_again(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = create(firm)
    whole = workbook.plan_product

    def cut_off(*arguments):  # type: ignore[no-untyped-def]
        raise SystemExit

    monkeypatch.setattr(workbook, "plan_product", cut_off)
    with pytest.raises(SystemExit):
        check_waiting()
    upload.refresh_from_db()
    assert (upload.state, upload.tries, upload.plan) == ("waiting", 1, [])
    monkeypatch.setattr(workbook, "plan_product", whole)
    assert check_waiting() == 1
    upload.refresh_from_db()
    assert (upload.state, upload.tries) == ("ready", 2)


def test_a_file_that_ends_every_worker_is_given_up(firm: Firm) -> None:
    upload = create(firm)
    WorkbookUpload.objects.update(tries=TRIES)
    assert check_waiting() == 1
    upload.refresh_from_db()
    assert (upload.state, [problem["wrong"] for problem in upload.problems]) == (
        "refused",
        ["The file could not be read in 3 tries. Copy the table into the newest template and send that."],
    )
