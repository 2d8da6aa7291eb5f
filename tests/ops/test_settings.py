"""Outside local mode the settings refuse a missing or a demo secret, and Django's deployment check is clean."""

import os
import subprocess
import sys

import pytest

from dscr.local.data_folder import CHECKOUT

DEPLOYMENT = {
    "DSCR_MODE": "production",
    "SECRET_KEY": "kT5-fG8_zQ1.wX4+vB7~nM0=hJ3!pL6@rY9#cD2$aE5%sU8^iO1&",
    "METRICS_TOKEN": "bN4mK7jH0gF3dS6aP9oI2uY5tR8eW1qZ",
    "DATABASE_URL": "postgres://dscr:pass@db.internal/dscr",
    "REDIS_URL": "redis://:pass@redis.internal/0",
    "ALLOWED_HOSTS": "dscr.example.org",
}


def check(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}
    command = [sys.executable, "-W", "ignore", "manage.py", "check", *arguments]
    options = {"cwd": CHECKOUT, "env": {**kept, **environment}, "capture_output": True, "text": True}
    return subprocess.run(command, check=False, timeout=60, **options)


def test_the_deployment_check_is_clean() -> None:
    done = check(DEPLOYMENT, "--deploy", "--fail-level", "INFO")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("name", ["SECRET_KEY", "METRICS_TOKEN", "DATABASE_URL", "REDIS_URL"])
def test_a_missing_secret_is_refused_by_name(name: str) -> None:
    # Empty rather than absent: a checkout's .env must not fill it in.
    done = check({**DEPLOYMENT, name: ""})
    assert done.returncode != 0
    assert f"{name} is missing" in done.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "METRICS_TOKEN"])
def test_a_demo_secret_is_refused_by_name(name: str) -> None:
    done = check({**DEPLOYMENT, name: "local-demo-secret-never-for-a-deployment"})
    assert done.returncode != 0
    assert f"{name} is a demo value" in done.stderr


def test_nothing_set_at_all_is_a_deployment_and_refused() -> None:
    done = check({"DSCR_MODE": ""})
    assert done.returncode != 0
    assert "SECRET_KEY is missing" in done.stderr
