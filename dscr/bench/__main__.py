"""One measure in a process of its own: prints its rows as JSON."""

import importlib
import json
import sys

import django


def main() -> None:
    django.setup()
    name, *arguments = sys.argv[1:]
    if name == "generate":
        from django.core.management import call_command
        from django.db import connection

        from dscr.bench.registry import generate

        call_command("migrate", verbosity=0)
        with connection.cursor() as cursor:
            generate(cursor, *map(int, arguments))
        return
    rows = importlib.import_module(f"dscr.bench.{name}").measure()
    json.dump([list(row) for row in rows], sys.stdout)


if __name__ == "__main__":
    main()
