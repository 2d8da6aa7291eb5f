"""Asking a firm to disclose, and its answer. Mails say that there is something to read, never a figure or a reason."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from dscr.access.models import Membership, Organisation, User
from dscr.access.roles import Role
from products.drug_names import drug_name
from products.models import DisclosureGrant, DisclosureRequest, Enrolment, Product

AGAIN_AFTER = timedelta(days=30)  # for one product, by one organization
MOST_A_DAY = 20  # requests of one organization
LOCK = 1_807_044  # the advisory lock of an organization that asks, beside its id
State = DisclosureRequest.State
log = logging.getLogger(__name__)


class NotAskableError(Exception):
    """Why the request cannot be made, in a sentence."""


@transaction.atomic
def requests_ask(
    products: Sequence[Product], *, user: User, kpis: Sequence[str], shows_supply: bool, shows_maturity: bool, why: str
) -> list[DisclosureRequest]:
    """Asks the firm that has the products enrolled today, for the same of each, and mails its attestors once. Each is
    answered by itself. Raises NotAskableError, and asks for none of them then."""
    asking = user.membership.organisation
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, asking.pk])
    now = timezone.now()
    made: list[DisclosureRequest] = []
    for product in products:
        try:
            firm = _firm_of(product, asking)
            if made and firm != made[0].organisation:
                raise NotAskableError("Another firm has it enrolled. Ask for it by itself, or your words go astray.")
            _refuse_too_many(product, asking, now)
        except NotAskableError as error:
            raise NotAskableError(f"NDC {product.display_ndc}: {error}" if len(products) > 1 else str(error)) from None
        request = DisclosureRequest(
            organisation=firm,
            product=product,
            asking=asking,
            asked_by=user,
            asked_at=now,
            kpis=list(kpis),
            shows_supply=shows_supply,
            shows_maturity=shows_maturity,
            why=why,
        )
        request.validate_constraints()
        request.save()
        made.append(request)
    transaction.on_commit(lambda: _mail_firm(made), robust=True)
    return made


def _firm_of(product: Product, asking: Organisation) -> Organisation:
    today = timezone.localdate()
    held = Enrolment.objects.filter(Q(withdrawn_on=None) | Q(withdrawn_on__gt=today), enrolled_on__lte=today)
    enrolment = held.filter(product=product).select_related("organisation").first()
    if enrolment is None:
        raise NotAskableError("Nobody has the product enrolled today, so there is no firm to ask.")
    if enrolment.organisation_id == asking.pk:
        raise NotAskableError("It is your own organization's product.")
    return enrolment.organisation


def why_not_now(product: Product, user: User) -> str:
    """Why the user's organization cannot ask for the product now, "" where it can: told before anything is typed."""
    asking = user.membership.organisation
    try:
        _firm_of(product, asking)
        _refuse_too_many(product, asking, timezone.now())
    except NotAskableError as error:
        return str(error)
    return ""


def _refuse_too_many(product: Product, asking: Organisation, now: datetime) -> None:
    earlier = DisclosureRequest.objects.filter(asking=asking)
    last = earlier.filter(product=product, asked_at__gt=now - AGAIN_AFTER).first()
    if last:
        again = timezone.localdate(last.asked_at + AGAIN_AFTER)
        raise NotAskableError(
            f"Your organization asked on {timezone.localdate(last.asked_at):%B %-d, %Y}. You may ask again from "
            f"{again:%B %-d, %Y} on."
        )
    if earlier.filter(asked_at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
        raise NotAskableError(f"Your organization has asked {MOST_A_DAY} times within a day. Go on tomorrow.")


def request_decline(request: DisclosureRequest, *, user: User, answer: str) -> bool:
    """False where it was answered already."""
    return _answer(request, user, State.DECLINED, answer=answer)


def request_granted(request: DisclosureRequest, grants: Sequence[DisclosureGrant], *, user: User) -> bool:
    """Answers it by the grant that discloses something of its product to who asked; False where none of them does."""
    for grant in grants:
        is_theirs = grant.to_all_purchasers or grant.grantee_id == request.asking_id
        if is_theirs and grant.product_id in (None, request.product_id):
            return _answer(request, user, State.GRANTED, grant=grant)
    return False


@transaction.atomic
def _answer(request: DisclosureRequest, user: User, state: str, **answer: object) -> bool:
    changed = DisclosureRequest.objects.filter(pk=request.pk, state=State.OPEN).update(
        state=state, answered_by=user, answered_at=timezone.now(), **answer
    )
    if changed:
        transaction.on_commit(lambda: _mail_answer(request), robust=True)
    return bool(changed)


def _mail_firm(made: Sequence[DisclosureRequest]) -> None:
    request = made[0]
    attestors = _at_work(request.organisation).filter(role=Role.ATTESTOR)
    addresses = sorted(set(attestors.values_list("user__email", flat=True)))
    _mail("request", f"{request.asking} asks you to disclose figures", made, addresses, "products:grant-list")


def _mail_answer(request: DisclosureRequest) -> None:
    """To who asked, while they work for the organization; without them the answer waits on its page."""
    if not _at_work(request.asking).filter(user=request.asked_by_id).exists():
        return
    subject = f"An answer about {request.product.display_ndc}"
    _mail("answer", subject, [request], [request.asked_by.email], "products:request-list")


def _at_work(organisation: Organisation) -> QuerySet[Membership]:
    today = timezone.localdate()
    held = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today), starts_on__lte=today)
    return held.filter(organisation=organisation, user__is_active=True)


def _mail(kind: str, subject: str, requests: Sequence[DisclosureRequest], addresses: Sequence[str], page: str) -> None:
    """A mail that the server refuses is no error of who asked or answered: the page shows it anyway."""
    context = {
        "request": requests[0],
        "products": [
            (drug_name(product.nonproprietary_name or product.proprietary_name), product.display_ndc)
            for product in (one.product for one in requests)
        ],
        "address": f"{settings.SITE_URL}{reverse(page)}" if settings.SITE_URL else "",
    }
    text = render_to_string(f"products/email/disclosure_{kind}.txt", context)
    for address in addresses:
        try:
            send_mail(subject, text, None, [address])
        except (SMTPException, OSError):
            log.exception("A mail about a disclosure request could not be sent")
