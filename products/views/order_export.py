"""The lines that could not be used, as a file that a spreadsheet opens safely."""

import csv
from collections.abc import Iterator

from dscr.audit.export import STARTS_A_FORMULA
from products.models import OrderUpload

CHUNK = 2_000


class _Line:
    """What csv writes to: hands each line back instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def problem_lines(upload: OrderUpload) -> Iterator[str]:
    """UTF-8 with the mark by which Excel knows it: totals by reason, an empty line, then line by line."""
    writer = csv.writer(_Line())
    summary = upload.summary
    about = [
        ["File", upload.file_name],
        ["Lines that could not be used", summary.get("unusable", 0)],
        ["Listed below", summary.get("kept", 0)],
        *summary.get("reasons", []),
        [],
        ["Line", "Reason", "Cell"],
    ]
    lines = ["\ufeff", *(writer.writerow([harmless(cell) for cell in row]) for row in about)]
    for line, reason, value in upload.problems.values_list("line", "reason", "value").iterator(chunk_size=CHUNK):
        lines.append(writer.writerow([line, harmless(reason), harmless(value)]))
        if len(lines) >= CHUNK:
            yield "".join(lines)
            lines = []
    yield "".join(lines)


def harmless(cell: object) -> object:
    """Text that begins like a formula would be one; an apostrophe prevents it. Numbers stay."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(STARTS_A_FORMULA) else cell
