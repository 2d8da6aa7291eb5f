"""`manage.py score_portfolio`, run as its users run it and without a database."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from ratings.scoring.portfolio_report import report

from .portfolios import GOLDEN, golden, sound_portfolio
from .test_golden import differences

ROOT = Path(__file__).parent.parent.parent
NO_SERVERS = {
    "DSCR_MODE": "local",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def score_portfolio(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "manage.py", "score_portfolio", *arguments]
    environment = {**os.environ, **NO_SERVERS, "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        command, cwd=ROOT, input=stdin, env=environment, capture_output=True, timeout=120, check=False
    )


def test_json_is_the_golden_format():
    done = score_portfolio(str(GOLDEN / "edges.json"), "--format", "json")
    assert (done.returncode, done.stderr) == (0, b"")
    assert differences(json.loads(done.stdout), golden("edges.expected")) == []


def test_a_file_on_standard_input_is_rated_as_of_another_day():
    content = (GOLDEN / "appendix_b.json").read_bytes()
    done = score_portfolio("-", "--format", "json", "--as-of", "2029-11-01", stdin=content)
    assert done.returncode == 0
    assert {rating["status"] for rating in json.loads(done.stdout)} == {"insufficient_data"}


def test_a_faulty_file_gives_every_fault_and_no_rating(tmp_path: Path):
    document = sound_portfolio()
    document["products"][0]["nodes"][0]["stage"] = "apis"
    document["products"][1]["prior_band"] = 9
    file = tmp_path / "faulty.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    done = score_portfolio(str(file))
    assert (done.returncode, done.stdout) == (2, b"")
    assert [line.split(": ")[0] for line in done.stderr.decode().splitlines()] == [
        "$.products[0].nodes[0].stage",
        "$.products[1].prior_band",
    ]


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        call_command("score_portfolio", str(tmp_path / name))
    told = capfd.readouterr()
    assert (ended.value.code, told.out, len(told.err.splitlines())) == (2, "", 1)


def test_the_table_is_aligned_text():
    lines = report((GOLDEN / "edges.json").read_bytes()).splitlines()
    assert lines[0].split() == ["NDC", "Score", "Band", "Coverage", "Status", "Gates", "Most", "points", "lost", "to"]
    assert lines[2].split() == ["99902-001", "-", "-", "45%", "insufficient", "data", "-", "-"]
    start = lines[0].index("Most")
    assert lines[5][:start].split() == [
        "99902-004",
        "81.5",
        "Moderate",
        "100%",
        "rated",
        *["Unresolved", "official", "action"],
    ]
    assert lines[5][start:] == (
        "Backup API suppliers 7.5, Domestic and nearshore supply 4.4, Manufacturing redundancy 3.1"
    )


def test_a_bad_day_is_a_fault():
    with pytest.raises(ValueError, match=r"^--as-of: expected a date as YYYY-MM-DD, found \"tomorrow\"$"):
        report((GOLDEN / "edges.json").read_bytes(), "tomorrow")


def test_the_table_of_a_file_without_products_has_headings_alone():
    document = {**sound_portfolio(), "products": []}
    assert len(report(json.dumps(document).encode()).splitlines()) == 2
