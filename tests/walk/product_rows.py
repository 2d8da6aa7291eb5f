"""Rows of the walk's world: products with their figures, drafts, files of order lines, jobs, reviews and requests."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from dscr.access.models import Organisation, User
from products.models import (
    DisclosureRequest,
    Enrolment,
    FiguresJob,
    KpiDraft,
    KpiSubmission,
    OrderFigure,
    OrderLineProblem,
    OrderUpload,
    Package,
    Product,
    SupplyNode,
    WorkbookUpload,
)
from products.orders.files import Shape
from products.orders.mapping import OrderMapping
from qmm.models import (
    Establishment,
)
from ratings.models import ProductRating, ReviewRequest
from ratings.reviews.rules import Event, Kind, Next, Outcome
from ratings.reviews.services import Given, Verdict, review_open, review_step
from tests.evidence.files import PDF, given


def review_rows(own: Product, other: Product, users: dict[str, User]) -> tuple[int, ...]:
    """An open thread with a file and a note for colleagues, a decided one, and one of the other firm."""

    def opened(product: Product, user: User, subject: str, text: str, file: str) -> ReviewRequest:
        return review_open(
            product,
            user=user,
            kind=Kind.CORRECTION,
            subject=subject,
            should_be="Twistlefen Plant" if user == users["editor"] else "Fizzlewhit Plant",
            snapshot=ProductRating.objects.get(product=product).published_snapshot,
            given=Given(text, [given(file, PDF)]),
        )

    def step(review: ReviewRequest, event: Event, text: str = "", verdict: Verdict | None = None) -> None:
        review_step(review, event, user=users["operator"], given=Given(text), verdict=verdict)

    asked = opened(own, users["editor"], "kpi:fill_rate", "Snargaloof counted it", "trundlewick.pdf")
    decided = opened(own, users["editor"], "record:supply", "Snargaloof moved", "trundlewick.pdf")
    theirs = opened(other, users["editor outside"], "record:supply", "Fizzlewhit moved", "quagmarrow.pdf")
    for review in (asked, decided, theirs):
        step(review, Event.TAKE)
        step(review, Event.NOTE, "Pumblechook doubts it")
    step(asked, Event.ASK, "Snargaloof, when?")
    step(decided, Event.DECIDE, "Snargaloof is right in part.", Verdict(Outcome.PARTLY, Next.OFFICE))
    return asked.pk, decided.pk, theirs.pk


def job_row(user: User, draft: int, name: str) -> int:
    """Many drafts that somebody asked to attest, and that were not."""
    job = FiguresJob.objects.create(
        organisation=user.membership.organisation,
        kind="attest",
        once=f"{draft:032x}",
        asked={"drafts": [[draft, 1]]},
        name=name,
        title="VP",
        asked_by=user,
        membership=user.membership,
        asked_at=timezone.now(),
        state="refused",
        reasons=["One question is open."],
        finished_at=timezone.now(),
    )
    return job.pk


def request_row(product: Product, asker: User, why: str) -> int:
    request = DisclosureRequest.objects.create(
        organisation=product.enrolments.get().organisation,
        product=product,
        asking=Organisation.objects.get(name="Farbuyers"),
        asked_by=asker,
        asked_at=timezone.now(),
        kpis=["fill_rate"],
        why=f"{why} tender",
    )
    return request.pk


def workbook_row(product: Product, user: User, quarter: date) -> WorkbookUpload:
    """A checked workbook of one product that repeats its figures; one of them is a canary of its firm."""
    figure = "987654321" if product.ndc == "099901-0101" else "880000000"
    part = {
        "product": product.pk,
        "ndc": product.display_ndc,
        "name": "walkamine",
        "row": 4,
        "draft": None,
        "set": {"fill_rate_numerator": ["", figure]},
        "changes": ["fill_rate_numerator"],
        "before": {"fill_rate_numerator": ""},
        "conflicts": [],
        "open": ["shelf_life_months"],
        "withheld": [],
        "is_settled": False,
    }
    return WorkbookUpload.objects.create(
        organisation=user.membership.organisation,
        quarter_end=quarter,
        file_name="walk.xlsx",
        size=1,
        sha256="0" * 64,
        state="ready",
        plan=[part],
        uploaded_by=user,
    )


def draft_row(product: Product, firm: Organisation, quarter: date, count: str) -> int:
    answers = {"fill_rate_numerator": count, "fill_rate_denominator": "998877665", "shelf_life_months": "24"}
    return KpiDraft.objects.create(product=product, organisation=firm, quarter_end=quarter, answers=answers).pk


def last_quarter_end(today: date) -> date:
    ends = [date(year, month, day) for year in (today.year - 1, today.year) for month, day in _QUARTER_DAYS]
    return max(end for end in ends if end <= today)


_QUARTER_DAYS = ((3, 31), (6, 30), (9, 30), (12, 31))


def product_row(
    ndc: str,
    labeler: str,
    firm: Organisation,
    sources: list[tuple[Establishment, float]],
    figures: dict[str, Any],
    quarter: date,
) -> Product:
    product = Product.objects.create(
        ndc=ndc,
        display_ndc=ndc,
        labeler_name=labeler,
        nonproprietary_name="walkamine",
        substances=["WALKAMINE"],
        molecule="WALKAMINE",
        dosage_form="INJECTION",
        route="INTRAVENOUS",
    )
    Package.objects.create(product=product, ndc=f"{ndc}-01", display_ndc=f"{ndc}-01")
    Enrolment.objects.create(product=product, organisation=firm, enrolled_on=quarter - timedelta(days=400))
    for stage in SupplyNode.Stage.values:
        for site, share in sources if stage == "api" else [(sources[0][0], 1.0)]:
            SupplyNode.objects.create(
                product=product,
                stage=stage,
                establishment=site,
                share=share,
                is_qualified=True,
                last_batch_on=quarter,
                valid_from=quarter - timedelta(days=400),
            )
    attested = timezone.now() - timedelta(days=1)
    KpiSubmission.objects.create(product=product, quarter_end=quarter, attested_at=attested, **figures)
    return product


def order_rows(pk: int, firm: Organisation, by: User, product: Product, quarter: date, name: str) -> None:
    """Order lines of a firm as they stand once they are computed."""
    place, units = ("Hospital of Fernwhistle", 767_676) if name == "grumblewick.csv" else ("Somewhere", 12)
    heads = ["Product", "Committed", "Delivered"]
    summary = {"lines": 3, "used": 2, "rows_used": 2, "unusable": 1, "kept": 1, "blank": 0, "unmatched_in_all": 1}
    upload = OrderUpload.objects.create(
        pk=pk,
        organisation=firm,
        uploaded_by=by,
        file_name=name,
        stored_name="orders/none",
        size=1,
        shape=Shape("csv", encoding="utf-8-sig", delimiter=",", heads=tuple(heads), lines=3).as_json(),
        preview=[[place, "2026-01-01", "2026-01-02"]],
        date_orders=["", "", ""],
        mapping=OrderMapping({"product": 0, "committed_on": 1, "delivered_on": 2}).as_json(heads),
        state="done",
        requested_at=timezone.now(),
        computed_at=timezone.now(),
        summary=summary
        | {
            "reasons": [["The name is matched to none of your products", 1]],
            "exclusions": {code: [] for code in ("fill_rate", "on_time_delivery", "order_to_ship_days")},
            "days": {"ordered_on": None, "committed_on": None, "shipped_on": None},
            "unmatched": [{"text": place, "lines": 1, "reason": "No such name", "is_name": True}],
        },
    )
    OrderFigure.objects.create(
        upload=upload,
        product=product,
        quarter_end=quarter,
        lines_ordered=2,
        units_ordered=units,
        units_complete=units,
        units_cancelled=0,
        orders_due=2,
        orders_on_time=1,
        orders_undelivered=0,
        orders_shipped=0,
    )
    OrderLineProblem.objects.create(
        upload=upload, line=2, reason="The name is matched to none of your products", value=place
    )
