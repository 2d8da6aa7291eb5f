"""Serve on this machine: PostgreSQL, Redis, the web server, a worker and beat, stopped together."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand

from dscr.local.data_folder import DataFolder, LocalError
from dscr.local.supervisor import Supervisor


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            Supervisor(DataFolder.open(), port_from(os.environ.get("PORT", "8000"))).run()
        except LocalError as error:
            sys.exit(str(error))


def port_from(text: str) -> int:
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise LocalError(f"PORT is {text!r}; it must be a number from 1 to 65535.")
