"""One process of a fault run: python -m dscr.faults create COUNT | write ROLE JOURNAL UNTIL | audit FOLDER REPORT."""

import sys
from pathlib import Path

import django

django.setup()

from dscr.faults import audit, portfolio, writers  # noqa: E402  models need the setup

match sys.argv[1:]:
    case ["create", count]:
        portfolio.create(int(count))
    case ["write", role, journal, until]:
        writers.write_until(role, Path(journal), float(until))
    case ["audit", folder, report]:
        audit.write_report(sorted(Path(folder).glob("*.journal")), Path(report))
    case _:
        sys.exit(__doc__)
