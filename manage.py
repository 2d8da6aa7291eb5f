#!/usr/bin/env python
"""The command line of DSCR. In local mode it starts the database and broker that a command needs."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dscr.settings")
    from django.core.management import execute_from_command_line

    from dscr.local.commands import services_for_command

    with services_for_command(sys.argv):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
