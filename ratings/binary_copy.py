"""PostgreSQL's binary COPY as numpy arrays, both ways: no text is made or parsed on either side.

Only fixed-width types, so one structured dtype describes every row. On the way out a query turns NULL into a sentinel;
on the way in NULL is a column of its own kind, so rows that differ in their NULLs go in separate calls.
"""

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
NO_DATE = np.iinfo(np.int32).min  # datetime64 NaT after widening

# How a column of each kind is selected, and its numpy type.
KINDS = {
    "i2": ("({})::int2", ">i2"),
    "i4": ("({})::int4", ">i4"),
    "i8": ("({})::int8", ">i8"),
    "f8": ("coalesce(({})::float8, 'NaN')", ">f8"),
    "tick": ("coalesce(({})::int, -1)::int2", ">i2"),
    "date": (
        "coalesce(CASE WHEN isfinite({0}) THEN ({0}) - date '1970-01-01' END, " + str(NO_DATE) + ")::int4",
        ">i4",
    ),
    "uuid": ("coalesce(({})::uuid, '00000000-0000-0000-0000-000000000000')", "(16,)u1"),
}


def read_columns(cursor: Any, columns: Mapping[str, tuple[str, str]], rest: str) -> dict[str, NDArray[Any]]:
    """Run `SELECT columns rest`; columns maps a name to (kind, SQL). Dates come as datetime64[D] (NaT for NULL).

    `rest` is FROM and what follows, with its values already written in (COPY takes no parameters).
    A uuid is a row of 16 bytes, zeros for NULL.
    """
    selected = ", ".join(KINDS[kind][0].format(sql) for kind, sql in columns.values())
    buffer = BytesIO()
    _copy(cursor, f"COPY (SELECT {selected} {rest}) TO STDOUT (FORMAT binary)", buffer)
    row = np.dtype(
        [("fields", ">i2")]
        + [part for name, (kind, _) in columns.items() for part in ((f"{name} length", ">i4"), (name, KINDS[kind][1]))]
    )
    data = buffer.getbuffer()[len(SIGNATURE) : -len(TRAILER)]
    rows = np.frombuffer(data, dtype=row)
    return {name: _native(rows[name], kind) for name, (kind, _) in columns.items()}


def _native(values: NDArray[Any], kind: str) -> NDArray[Any]:
    native = values.astype(values.dtype.newbyteorder("="))
    if kind != "date":
        return native
    days = native.astype(np.int64)
    days[native == NO_DATE] = np.iinfo(np.int64).min
    return days.view("datetime64[D]")


ELEMENT_OIDS = {">f4": 700, ">f8": 701}


def rows_to_copy(columns: Iterable[NDArray[Any] | bytes | None], count: int) -> bytes:
    """The body of a binary COPY of `count` rows.

    A column is a 1-D integer or float array, a 2-D float array (a database array), a [count, 16] uint8 array (a uuid),
    one bytes value for all rows, or None for NULL.
    """
    fields: list[tuple[Any, ...]] = [("fields", ">i2")]
    fills: dict[str, Any] = {}
    width = 0
    for number, column in enumerate(columns):
        width += 1
        fields.append((f"length{number}", ">i4"))
        if column is None:
            fills[f"length{number}"] = -1
        elif isinstance(column, bytes):
            fields.append((f"value{number}", f"S{len(column)}"))
            fills |= {f"length{number}": len(column), f"value{number}": column}
        elif column.ndim == 1:
            fields.append((f"value{number}", column.dtype.newbyteorder(">").str))
            fills |= {f"length{number}": column.dtype.itemsize, f"value{number}": column}
        elif column.dtype == np.uint8:
            fields.append((f"value{number}", "u1", (column.shape[1],)))
            fills |= {f"length{number}": column.shape[1], f"value{number}": column}
        else:
            element = column.dtype.newbyteorder(">").str
            length, size = column.shape[1], column.dtype.itemsize
            fields.append((f"head{number}", ">i4", (5,)))
            fields.append((f"value{number}", [("size", ">i4"), ("value", element)], (length,)))
            fills[f"length{number}"] = 20 + length * (4 + size)
            fills[f"head{number}"] = (1, 0, ELEMENT_OIDS[element], length, 1)
            fills[f"value{number}"] = column
    rows = np.zeros(count, dtype=fields)
    rows["fields"] = width
    for name, value in fills.items():
        if name.startswith("value") and rows[name].dtype.names:
            rows[name]["size"] = value.dtype.itemsize
            rows[name]["value"] = value
        else:
            rows[name] = value
    return rows.tobytes()


def copy_in(cursor: Any, table: str, columns: Iterable[str], bodies: Iterable[bytes]) -> None:
    """COPY bodies of `rows_to_copy` into a table."""
    stream = BytesIO(SIGNATURE + b"".join(bodies) + TRAILER)
    _copy(cursor, f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT binary)", stream)


def _copy(cursor: Any, statement: str, stream: BytesIO) -> None:
    with cursor.db.wrap_database_errors:  # which Django does for execute only: a conflict must be known as one
        cursor.copy_expert(statement, stream)
