#!/usr/bin/env python
"""The command line of DSCR. In local mode it starts the database and broker that a command needs."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dscr.settings")
    from django.core.management import execute_from_command_line

    from dscr.audit.actor import process_is
    from dscr.local.commands import services_for_command

    if len(sys.argv) > 1:
        process_is(f"command {sys.argv[1]}")  # what it writes is recorded under its name
    with services_for_command(sys.argv):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
