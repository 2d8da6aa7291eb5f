"""The short fault run; `make faults` does the long one."""

import os
import subprocess
import sys

import pytest

from dscr.local.data_folder import CHECKOUT


@pytest.mark.faults
def test_a_short_fault_run_loses_nothing() -> None:
    command = [sys.executable, "manage.py", "faults", "--seconds", "40"]
    done = subprocess.run(command, cwd=CHECKOUT, env=dict(os.environ), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASSED" in done.stdout
