"""How gunicorn serves: its processes are forks of one, and note request times in one folder, so that /metrics adds them
up.

gunicorn reads this file by itself from the folder it starts in, before it loads the application.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

preload_app = True  # loaded once and forked: a process that is started, or started again, serves at once

given = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
folder = Path(given or tempfile.mkdtemp(prefix="dscr-metrics-"))
folder.mkdir(parents=True, exist_ok=True)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def on_starting(server: Any) -> None:
    """Counts of an earlier run are gone like those of any restarted process."""
    for path in folder.glob("*.db"):
        path.unlink(missing_ok=True)


def child_exit(server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    if not given:
        shutil.rmtree(folder, ignore_errors=True)
