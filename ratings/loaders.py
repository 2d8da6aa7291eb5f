"""Reading the inputs of a batch of products into the scorer's frames, as of one date.

One read a table, ids as an array literal (`= ANY('{...}')`): joins with a temporary table made the planner scan whole
tables. Every row is read with its dates, so that the next date on which a result can change by itself comes out too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmm.models import AREAS
from ratings.ageing import Ageing
from ratings.binary_copy import read_columns
from ratings.models import Status
from ratings.scoring.dates import add_months
from ratings.scoring.frames import CLASSIFICATIONS, KPI_FIELDS, STAGES, Frames
from ratings.scoring.methodology import Methodology, MethodologyError, load_methodology

Columns = dict[str, NDArray[Any]]

# KPI_FIELDS that the database keeps as dates, so that they age: field -> (tick column, date columns).
PLAN = "risk_management_plan"
EMERGENCY_TESTED = "emergency_stock_tested_12m"
AGED_DATES = ("risk_management_plan_reviewed_on", "risk_management_plan_tested_on", "emergency_stock_tested_on")


@dataclass(frozen=True, slots=True)
class Release:
    """The methodology in force on a date, and the date on which the next one comes into force (NaT if none)."""

    methodology: Methodology
    next_on: np.datetime64


@dataclass(frozen=True, slots=True)
class Loaded:
    """A batch as of a date. standing: [P] Status of products that are not to be scored, 0 for those that are."""

    frames: Frames
    standing: NDArray[np.int16]
    next_change_on: NDArray[np.datetime64]
    methodology: Methodology


class NoMethodologyError(Exception):
    """There is no usable methodology for the date: a fault of the program, not of any product."""


def id_array(ids: Iterable[int]) -> str:
    return "'{" + ",".join(map(str, ids)) + "}'::bigint[]"


def load(cursor: Any, product_ids: Sequence[int], as_of: date, submissions: Columns | None = None) -> Loaded:
    """The frames of these products, in ascending order of id; products that do not exist are left out.

    `submissions` take the place of those on record, as `read_submissions` gives them.

    Run it inside one REPEATABLE READ transaction: the reads must see one state.
    """
    release = release_on(cursor, as_of)
    products = _read_products(cursor, product_ids, as_of, release.methodology.version)
    ids = products["id"]
    today = np.datetime64(as_of, "D")
    ageing = Ageing(today, len(ids))
    ageing.change(np.arange(len(ids)), np.full(len(ids), release.next_on))
    submissions = read_submissions(cursor, product_ids, as_of) if submissions is None else submissions
    kpis, submitted_until = _kpis(submissions, ids, release.methodology, today, ageing)
    standing = _standing(cursor, product_ids, products, submitted_until, today, ageing)
    nodes = _read_nodes(cursor, product_ids, as_of, ids, release.methodology, today, ageing)
    scored = standing == 0
    kpis[~scored] = np.nan
    nodes = {name: column[scored[nodes["row"]]] for name, column in nodes.items()}
    establishments = np.unique(nodes["establishment_id"])
    parts = _read_establishments(cursor, establishments, release.methodology, today, ageing, nodes)
    frames = Frames(
        product_ids=ids,
        prior_band=np.where(scored, products["prior_band"], 0).astype(np.int8),
        in_shortage=_in_shortage(cursor, product_ids, as_of, ids, today, ageing) & scored,
        kpis=kpis + 0.0,  # no negative zero: it would change the fingerprint
        node_product=nodes["row"].astype(np.int32),
        node_stage=nodes["stage"].astype(np.int8),
        node_establishment=np.searchsorted(establishments, nodes["establishment_id"]).astype(np.int32),
        node_share=nodes["share"] + 0.0,
        node_qualified=nodes["qualified"],
        establishment_ids=establishments,
        **parts,
    )
    return Loaded(frames, standing, ageing.next_change_on(), release.methodology)


def release_on(cursor: Any, as_of: date) -> Release:
    """The latest release in force on the date; before the first one, the first."""
    cursor.execute("SELECT version, in_force_from FROM ratings_methodologyrelease ORDER BY in_force_from")
    releases = cursor.fetchall()
    if not releases:
        raise NoMethodologyError("No methodology is released: add one under Methodology releases in the admin.")
    in_force = [version for version, since in releases if since <= as_of]
    later = [since for _, since in releases if since > as_of]
    version = in_force[-1] if in_force else releases[0][0]
    try:
        methodology = load_methodology(version)
    except MethodologyError as error:
        raise NoMethodologyError(str(error)) from error
    return Release(methodology, np.datetime64(later[0] if later else "NaT", "D"))


def _read_products(cursor: Any, ids: Sequence[int], as_of: date, version: str) -> Columns:
    """With the prior band: that of the last rated snapshot of an earlier day under the same methodology."""
    return read_columns(
        cursor,
        {
            "id": ("i8", "p.id"),
            "substances": ("i4", "cardinality(p.substances)"),
            "prior_band": ("i2", "coalesce(prior.band_uncapped, 0)"),
        },
        f"""FROM products_product p LEFT JOIN LATERAL (
            SELECT s.band_uncapped FROM ratings_ratingsnapshot s
            WHERE s.product_id = p.id AND s.methodology = '{version}' AND s.status = {Status.RATED}
              AND s.as_of < '{as_of}'
            ORDER BY s.as_of DESC, s.id DESC LIMIT 1) prior ON true
        WHERE p.id = ANY({id_array(ids)}) ORDER BY p.id""",  # noqa: S608
    )


def _standing(
    cursor: Any,
    ids: Sequence[int],
    products: Columns,
    submitted_until: NDArray[np.datetime64],
    today: np.datetime64,
    ageing: Ageing,
) -> NDArray[np.int16]:
    """[P] why a product is not scored at all: withdrawn, suspended, out of scope, never submitted, expired."""
    rows = read_columns(
        cursor,
        {
            "product_id": ("i8", "product_id"),
            "enrolled_on": ("date", "enrolled_on"),
            "withdrawn_on": ("date", "withdrawn_on"),
            "suspended_on": ("date", "suspended_on"),
        },
        f"FROM products_enrolment WHERE product_id = ANY({id_array(ids)})",
    )
    row = np.searchsorted(products["id"], rows["product_id"])
    for column in ("enrolled_on", "withdrawn_on", "suspended_on"):
        ageing.change(row, rows[column])
    begun = rows["enrolled_on"] <= today
    ended = rows["withdrawn_on"] <= today  # false for NaT
    count = len(products["id"])

    def any_of(condition: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.bincount(row[condition], minlength=count) > 0

    enrolled = any_of(begun & ~ended)
    return np.select(
        [
            ~enrolled & any_of(begun),
            any_of(begun & ~ended & (rows["suspended_on"] <= today)),
            products["substances"] > 1,
            ~enrolled | np.isnat(submitted_until),
            submitted_until < today,
        ],
        [Status.WITHDRAWN, Status.SUSPENDED, Status.OUT_OF_SCOPE, Status.NOT_YET_RATED, Status.EXPIRED],
        0,
    ).astype(np.int16)


STORED_FIELDS = tuple(field for field in KPI_FIELDS if field not in (PLAN, EMERGENCY_TESTED))


def read_submissions(cursor: Any, ids: Sequence[int], as_of: date) -> Columns:
    """Of each product the counting submission (the latest quarter ended by the date) and any of a later quarter."""
    columns = {"product_id": ("i8", "product_id"), "quarter_end": ("date", "quarter_end")}
    columns |= {field: ("f8", f"{field}::int" if "emergency" in field else field) for field in STORED_FIELDS}
    columns |= {f"{PLAN}_exists": ("tick", f"{PLAN}_exists")}
    columns |= {field: ("date", field) for field in AGED_DATES}
    counting = (
        f"product_id = ANY({id_array(ids)}) AND attested_at IS NOT NULL AND superseded_at IS NULL AND voided_at IS NULL"
    )
    return read_columns(
        cursor,
        columns,
        f"""FROM ((SELECT DISTINCT ON (product_id) * FROM products_kpisubmission
                   WHERE {counting} AND quarter_end <= '{as_of}' ORDER BY product_id, quarter_end DESC)
             UNION ALL
             (SELECT * FROM products_kpisubmission WHERE {counting} AND quarter_end > '{as_of}')) s""",  # noqa: S608
    )


def _kpis(
    rows: Columns, ids: NDArray[np.int64], methodology: Methodology, today: np.datetime64, ageing: Ageing
) -> tuple[NDArray[np.float64], NDArray[np.datetime64]]:
    """([P, KPI_FIELDS], [P] last day on which the submission still counts, NaT without one)."""
    row = np.searchsorted(ids, rows["product_id"])
    ageing.change(row, rows["quarter_end"])
    counts = rows["quarter_end"] <= today
    rows = {name: column[counts] for name, column in rows.items()}
    row = row[counts]
    until = add_months(rows["quarter_end"], methodology.validity.submission_months)
    ageing.end(row, until)
    kpis = np.full((len(ids), len(KPI_FIELDS)), np.nan)
    for column, field in enumerate(KPI_FIELDS):
        if field in STORED_FIELDS:
            kpis[row, column] = rows[field]
    recent = {}
    for field in AGED_DATES:
        last_day = add_months(rows[field], methodology.validity.plan_months)
        recent[field] = (rows[field] <= today) & (today <= last_day)
        ageing.change(row, rows[field])
        ageing.end(row, last_day)
    plan = np.select(
        [
            rows[f"{PLAN}_exists"] < 0,
            rows[f"{PLAN}_exists"] == 0,
            recent["risk_management_plan_tested_on"],
            recent["risk_management_plan_reviewed_on"],
        ],
        [np.nan, 0, 3, 2],
        1,
    )
    kpis[row, KPI_FIELDS.index(PLAN)] = plan
    # A process that is not reported at all is withheld; reported, an old or missing test is simply not ticked.
    ticks = [KPI_FIELDS.index(field) for field in STORED_FIELDS if field.startswith("emergency_stock")]
    reported = ~np.isnan(kpis[row][:, ticks]).all(axis=1) | ~np.isnat(rows["emergency_stock_tested_on"])
    kpis[row, KPI_FIELDS.index(EMERGENCY_TESTED)] = np.where(
        reported, recent["emergency_stock_tested_on"].astype(float), np.nan
    )
    submitted_until = np.full(len(ids), np.datetime64("NaT", "D"))
    submitted_until[row] = until
    return kpis, submitted_until


STAGE_NUMBER = f"array_position('{{{','.join(STAGES)}}}'::text[], stage::text) - 1"


def _read_nodes(
    cursor: Any,
    ids: Sequence[int],
    as_of: date,
    product_ids: NDArray[np.int64],
    methodology: Methodology,
    today: np.datetime64,
    ageing: Ageing,
) -> Columns:
    """Nodes in force on the date, in the order product, stage, establishment."""
    rows = read_columns(
        cursor,
        {
            "product_id": ("i8", "product_id"),
            "stage": ("i2", STAGE_NUMBER),
            "establishment_id": ("i8", "establishment_id"),
            "share": ("f8", "share"),
            "is_qualified": ("tick", "is_qualified"),
            "last_batch_on": ("date", "last_batch_on"),
            "valid_from": ("date", "valid_from"),
            "valid_to": ("date", "valid_to"),
        },
        f"FROM products_supplynode WHERE product_id = ANY({id_array(ids)}) AND voided_at IS NULL "
        f"AND (valid_to IS NULL OR valid_to > '{as_of}')",
    )
    rows["row"] = np.searchsorted(product_ids, rows["product_id"])
    last_day = add_months(rows["last_batch_on"], methodology.validity.qualification_months)
    for column in ("valid_from", "valid_to", "last_batch_on"):
        ageing.change(rows["row"], rows[column])
    ageing.end(rows["row"], last_day)
    rows["qualified"] = (rows["is_qualified"] == 1) & (rows["last_batch_on"] <= today) & (today <= last_day)
    rows = {name: column[rows["valid_from"] <= today] for name, column in rows.items()}
    order = np.lexsort((rows["establishment_id"], rows["stage"], rows["row"]))
    return {name: column[order] for name, column in rows.items()}


COUNTRY = "CASE WHEN country = '' THEN 0 ELSE " + " + ".join(
    f"ascii(substr(country, {place}, 1)) * {256 ** (3 - place)}" for place in (1, 2, 3)
)


def _read_establishments(
    cursor: Any,
    ids: NDArray[np.int64],
    methodology: Methodology,
    today: np.datetime64,
    ageing: Ageing,
    nodes: Columns,
) -> dict[str, NDArray[Any]]:
    """Countries, assessments and inspections of these establishments, as parts of Frames."""
    among = f"= ANY({id_array(ids)})"
    countries = read_columns(
        cursor,
        {"id": ("i8", "id"), "country": ("i4", f"{COUNTRY} END")},
        f"FROM qmm_establishment WHERE id {among} ORDER BY id",
    )
    assessments = read_columns(
        cursor,
        {"establishment_id": ("i8", "establishment_id"), "completed_on": ("date", "completed_on")}
        | {area: ("f8", area) for area in AREAS},
        f"FROM qmm_assessment WHERE establishment_id {among} AND voided_at IS NULL",
    )
    inspections = read_columns(
        cursor,
        {
            "establishment_id": ("i8", "establishment_id"),
            "classification": ("i2", f"array_position('{{{','.join(CLASSIFICATIONS)}}}'::text[], classification) - 1"),
            "ended_on": ("date", "ended_on"),
            "resolved_on": ("date", "resolved_on"),
        },
        f"FROM qmm_inspection WHERE establishment_id {among} AND voided_at IS NULL",
    )
    assessed = np.searchsorted(ids, assessments["establishment_id"])
    inspected = np.searchsorted(ids, inspections["establishment_id"])
    at_sites = Ageing(today, len(ids))
    at_sites.change(assessed, assessments["completed_on"])
    at_sites.end(assessed, add_months(assessments["completed_on"], methodology.qmm.valid_months))
    at_sites.change(inspected, inspections["ended_on"])
    at_sites.change(inspected, inspections["resolved_on"])
    ageing.change(nodes["row"], at_sites.next_change_on()[np.searchsorted(ids, nodes["establishment_id"])])
    return {
        "country": countries["country"],
        "assessment_establishment": assessed.astype(np.int32),
        "assessment_completed_on": assessments["completed_on"],
        "assessment_levels": np.column_stack([assessments[area] for area in AREAS]),
        "inspection_establishment": inspected.astype(np.int32),
        "inspection_class": inspections["classification"].astype(np.int8),
        "inspection_ended_on": inspections["ended_on"],
        "inspection_resolved_on": inspections["resolved_on"],
    }


def _in_shortage(
    cursor: Any,
    ids: Sequence[int],
    as_of: date,
    product_ids: NDArray[np.int64],
    today: np.datetime64,
    ageing: Ageing,
) -> NDArray[np.bool_]:
    """[P] a package is in shortage by its latest change; on one day "Current" goes before the others.

    Products are read first: the planner would walk all of them by NDC beside the short list.
    """
    rows = read_columns(
        cursor,
        {
            "product_id": ("i8", "id"),
            "changed_on": ("date", "changed_on"),
            "current": ("tick", "status = 'current'"),
        },
        f"""FROM (WITH p AS MATERIALIZED (SELECT p.id, p.ndc FROM products_product p WHERE p.id = ANY({id_array(ids)}))
            SELECT DISTINCT ON (p.id, s.package_ndc, s.changed_on > '{as_of}') p.id, s.changed_on, s.status
            FROM p JOIN products_shortage s ON s.product_ndc = p.ndc
            ORDER BY p.id, s.package_ndc, s.changed_on > '{as_of}',
                     CASE WHEN s.changed_on > '{as_of}' THEN s.changed_on END,
                     s.changed_on DESC, s.status) latest""",  # noqa: S608
    )
    row = np.searchsorted(product_ids, rows["product_id"])
    ageing.change(row, rows["changed_on"])
    current = (rows["current"] == 1) & (rows["changed_on"] <= today)
    return np.bincount(row[current], minlength=len(product_ids)) > 0
