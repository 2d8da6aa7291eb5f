"""Pages of due process: the threads, one thread with its steps, and opening one from a product."""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from dscr import audit
from dscr.access.scoping import may
from dscr.evidence.downloads import DamagedFileError, evidence_response
from dscr.intake.files import FileError
from products.models import Product
from products.ndc import PRODUCT_KEY
from ratings import sentences as rating_sentences
from ratings.models import RatingSnapshot, ReviewFile, ReviewRequest
from ratings.queries.published import published_view
from ratings.reviews.forms import AppealForm, GivenForm, RequestForm, step_form
from ratings.reviews.models import side_of
from ratings.reviews.queries import READ, Thread, appealable, shown_snapshot, thread, threads
from ratings.reviews.rules import DAYS, STEPS, Event, Kind, Side, State, refusal
from ratings.reviews.sentences import KINDS_SAID, days_sentence, deadline_words, standing_sentence
from ratings.reviews.services import (
    ReviewError,
    Verdict,
    appeal_refusal,
    enrolled_today,
    review_appeal,
    review_open,
    review_step,
)

LARGEST = 2**63 - 1  # of an id; the database refuses more
REFUSED, WRONG = 409, 422
SALT = "ratings.reviews.snapshot"
DONE = {
    Event.TAKE: "You have taken the request into review.",
    Event.ASK: "The firm is asked for more information, and the time to decide stands still.",
    Event.ANSWER: "Your answer is with the program operator.",
    Event.WRITE: "Your message is in the thread.",
    Event.NOTE: "Your note is in the thread. The firm does not see it.",
    Event.DECIDE: "The decision is kept, and the firm is told.",
    Event.WITHDRAW: "The request is withdrawn.",
}


@require_safe
@never_cache
def review_list(request: HttpRequest) -> HttpResponse:
    """Of all products, or of one (`?product=` its canonical NDC)."""
    asked, product = request.GET.get("product", ""), None
    if asked:
        readable = Product.objects.for_user(request.user, "read_published")
        product = readable.filter(ndc=asked).first() if PRODUCT_KEY.fullmatch(asked) else None
        if product is None:
            raise Http404
    today, found = timezone.localdate(), threads(request.user, asked)
    said = {
        name: [(row, deadline_words(row, today), row.is_open and row.clock.is_late(today)) for row in rows]
        for name, rows in (("mine", found.mine), ("theirs", found.theirs), ("closed", found.closed))
    }
    is_firm = side_of(request.user.membership) == Side.FIRM
    late = sum(is_late for _, _, is_late in said["mine"])
    context = {
        "product": product,
        "said": said,
        "sentence": list_sentence(len(found.mine), late, len(found.theirs), is_firm=is_firm),
        "is_firm": is_firm,
        "can_open": bool(is_firm and product and enrolled_today(product, request.user)),
        "shows_synthetic": any(row.product.is_synthetic for row in (*found.mine, *found.theirs, *found.closed)),
    }
    return render(request, "ratings/reviews/review_list.html", context)


def list_sentence(mine: int, late: int, theirs: int, *, is_firm: bool) -> str:
    if not mine and not theirs:
        return "No request for review is open."
    other = "the program operator" if is_firm else "firms"
    reader = "your firm" if is_firm else "the program operator"
    said = f"{mine} {'waits' if mine == 1 else 'wait'} for {reader}" if mine else f"None waits for {reader}"
    said += f", {late} of them late" if late else ""
    return f"{said}; {theirs} {'waits' if theirs == 1 else 'wait'} for {other}." if theirs else f"{said}."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def review_create(request: HttpRequest, ndc: str) -> HttpResponse:
    """The three kinds in plain words; with `?kind=` the form of one."""
    product = _own_product(request, ndc)
    snapshot = shown_snapshot(request.user, product)
    kind = request.GET.get("kind", "")
    context: dict[str, Any] = {
        "product": product,
        "kinds": [(code, *KINDS_SAID[code], days_sentence(code)) for code in (Kind.CORRECTION, Kind.CALCULATION)],
        "appeal_said": (*KINDS_SAID[Kind.APPEAL], days_sentence(Kind.APPEAL)),
        "decisions": appealable(request.user, product),
        "shows_synthetic": product.is_synthetic,
        "steady_supply": rating_sentences.STEADY_SUPPLY,
    }
    if snapshot is None or kind not in (Kind.CORRECTION, Kind.CALCULATION):
        context["has_result"] = snapshot is not None
        return render(request, "ratings/reviews/review_create.html", context)
    snapshot = _contested(request, product) or snapshot
    form = RequestForm(Kind(kind), request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = WRONG
        if form.is_valid():
            try:
                review = review_open(
                    product,
                    user=request.user,
                    kind=kind,
                    subject=form.cleaned_data["subject"],
                    should_be=form.cleaned_data.get("should_be", ""),
                    snapshot=snapshot,
                    given=form.given,
                )
            except (ReviewError, FileError) as error:
                form.add_error("evidence" if isinstance(error, FileError) else None, str(error))
            else:
                messages.success(request, "Your request is with the program operator. The rating says “Under review”.")
                return redirect("ratings:review-detail", review.pk)
    context |= {
        "form": form,
        "kind": Kind(kind),
        "told": KINDS_SAID[Kind(kind)],
        "shown": published_view(snapshot),
        "contested": signing.dumps(snapshot.pk, salt=SALT),
        "days_sentence": days_sentence(Kind(kind)),
    }
    return render(request, "ratings/reviews/review_request.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def review_appeal_page(request: HttpRequest, review: int) -> HttpResponse:
    decided = get_object_or_404(_rows(request, "open_reviews", review))
    form = AppealForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = WRONG
        if form.is_valid():
            try:
                appeal = review_appeal(decided, user=request.user, given=form.given)
            except (ReviewError, FileError) as error:
                form.add_error("evidence" if isinstance(error, FileError) else None, str(error))
            else:
                messages.success(request, "Your appeal is with the program operator.")
                return redirect("ratings:review-detail", appeal.pk)
    context = {
        "decided": decided,
        "form": form,
        "refused": appeal_refusal(decided, timezone.localdate()),
        "days_sentence": days_sentence(Kind.APPEAL),
        "shows_synthetic": decided.product.is_synthetic,
    }
    return render(request, "ratings/reviews/review_appeal.html", context, status=status)


@require_safe
@never_cache
def review_detail(request: HttpRequest, review: int) -> HttpResponse:
    return _page(request, _thread_or_404(request, review))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def review_step_page(request: HttpRequest, review: int, event: str) -> HttpResponse:
    """A step is sent here; an address that was kept over a sign-in leads to the thread."""
    side = side_of(request.user.membership)
    if event not in STEPS or side not in STEPS[Event(event)].sides:
        raise Http404
    found = _thread_or_404(request, review)
    if request.method != "POST":
        return redirect("ratings:review-detail", review)
    form = step_form(Event(event), request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, found, {Event(event): form}, WRONG)
    try:
        review_step(
            found.review,
            Event(event),
            user=request.user,
            given=form.given,
            verdict=Verdict(form.cleaned_data.get("outcome", ""), form.cleaned_data.get("next_step", "")),
            seen=form.cleaned_data.get("seen"),
        )
    except FileError as error:
        form.add_error("evidence", str(error))
        return _page(request, found, {Event(event): form}, WRONG)
    except ReviewError as error:
        form.add_error(None, str(error))
        return _page(request, _thread_or_404(request, review), {Event(event): form}, REFUSED)
    messages.success(request, DONE[Event(event)])
    return redirect("ratings:review-detail", review)


@require_safe
def review_file(request: HttpRequest, review: int, file: int) -> HttpResponseBase:
    if max(review, file) > LARGEST:
        raise Http404
    rows = ReviewFile.objects.for_user(request.user, READ)
    found = get_object_or_404(rows, pk=file, message__request=review)
    try:
        return evidence_response(request, found)
    except DamagedFileError:
        return render(request, "ratings/reviews/file_damaged.html", {"file": found, "review": review}, status=REFUSED)


def _page(
    request: HttpRequest, found: Thread, bound: dict[Event, GivenForm] | None = None, status: int = 200
) -> HttpResponse:
    review, today = found.review, timezone.localdate()
    audit.note(request, "viewed", review)
    side = side_of(request.user.membership)
    bound, open_now = bound or {}, steps(found, side, today)
    refused = [form for event, form in bound.items() if event not in open_now]
    context = {
        "thread": found,
        "review": review,
        "product": review.product,
        "sentence": standing_sentence(review, side, today),
        "review_days": DAYS[Kind(review.kind)],
        "is_late": review.is_open and review.clock.is_late(today),
        "side": side,
        "forms": [(event, bound.get(event) or _unbound(event, found)) for event in open_now],
        "bound": list(bound),
        "wrong": [said for form in bound.values() for said in form.non_field_errors()],
        "lost": refused[0].data.get("text", "") if refused else "",
        "may_appeal": side == Side.FIRM and not appeal_refusal(review, today),
        "sent": [message.form for message in found.messages if message.author_id == request.user.pk],
        "uses_admin": may(request.user, "change_records"),
        "shows_synthetic": review.product.is_synthetic,
        "steady_supply": rating_sentences.STEADY_SUPPLY,
    }
    return render(request, "ratings/reviews/review_detail.html", context, status=status)


def steps(found: Thread, side: Side | None, today: Any) -> list[Event]:
    """What the reader may do now, in the order of the page."""
    if side is None:
        return []
    review = found.review
    late = review.state == State.MORE_ASKED and review.clock.is_late(today)
    return [event for event in STEPS if not refusal(State(review.state), event, side, answer_is_late=late)]


def _unbound(event: Event, found: Thread) -> GivenForm:
    return step_form(event, initial={"seen": found.newest})


def _thread_or_404(request: HttpRequest, pk: int) -> Thread:
    found = thread(request.user, pk) if pk <= LARGEST else None
    if found is None:
        raise Http404
    return found


def _rows(request: HttpRequest, action: str, pk: int) -> Any:
    if pk > LARGEST:
        raise Http404
    return ReviewRequest.objects.for_user(request.user, action).select_related("product", "organisation").filter(pk=pk)


def _own_product(request: HttpRequest, ndc: str) -> Product:
    """Http404 where the reader's firm has not enrolled it today."""
    own = Product.objects.for_user(request.user, "open_reviews").select_related("rating")
    product = own.filter(ndc=ndc).first()
    if product is None or not enrolled_today(product, request.user):
        raise Http404
    return product


def _contested(request: HttpRequest, product: Product) -> RatingSnapshot | None:
    """What the form was made with, though another result was published since."""
    try:
        pk = signing.loads(request.POST.get("contested", ""), salt=SALT)
    except signing.BadSignature:
        return None
    return RatingSnapshot.objects.for_user(request.user, "open_reviews").filter(pk=pk, product=product).first()
