"""Every `manage.py` command finds its database and broker; a command that needs none starts none."""

import contextlib
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from dotenv import load_dotenv

from dscr.local import VARIABLES
from dscr.local.data_folder import CHECKOUT, DataFolder, LocalError

NEED_NO_SERVERS = {
    "help",
    "version",
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "faults",  # starts its own
    "findstatic",
    "makemessages",
    "makemigrations",
    "run_local",  # starts its own
    "score_portfolio",
    "startapp",
}


@contextlib.contextmanager
def services_for_command(argv: list[str]) -> Iterator[None]:
    """In local mode, what the command needs runs while it does. DATABASE_URL and REDIS_URL, where given, are used."""
    load_dotenv(CHECKOUT / ".env")
    missing = [name for name in VARIABLES if not os.environ.get(name)]
    if os.environ.get("DSCR_MODE") != "local" or not missing:
        yield
    elif not needs_servers(argv):
        # makemigrations compares its files with a database if it can reach one, and warns if not; files are enough.
        warnings.filterwarnings("ignore", "Got an error checking a consistent migration history")
        yield
    else:
        with local_services(missing):
            yield


@contextlib.contextmanager
def local_services(variables: list[str]) -> Iterator[None]:
    from dscr.local.postgres import client_folder  # not at the top: a deployment has none of what these need
    from dscr.local.processes import signals_handled
    from dscr.local.servers import LocalServers

    with contextlib.ExitStack() as stack:
        try:
            servers = stack.enter_context(LocalServers(DataFolder.open(), variables))
        except LocalError as error:
            sys.exit(str(error))
        stack.enter_context(signals_handled(exit_on_signal, signal.SIGTERM, signal.SIGHUP))
        os.environ.update(servers.environment())
        # dbshell calls psql by name
        os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), str(client_folder())])
        yield


def needs_servers(argv: list[str]) -> bool:
    arguments = argv[1 : argv.index("--")] if "--" in argv else argv[1:]
    if not arguments or {"-h", "--help", "--version"} & set(arguments):
        return False
    if arguments[0] == "check":
        return any(argument.startswith("--database") for argument in arguments)
    return arguments[0] not in NEED_NO_SERVERS


def exit_on_signal(number: int, frame: Any) -> None:
    """Leave through every `finally`, so that the last user stops the servers."""
    sys.exit(128 + number)
