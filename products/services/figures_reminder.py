"""The mail that reminds a firm's people of figures that come due, are late or were never attested."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from dscr.access.models import Membership, User
from dscr.access.roles import MAKERS
from products.models import FiguresReminder, Product
from products.queries.due import DUE, LATE, MISSING, Quarter, submissions_due

DAYS_AHEAD = 14  # what is due later is not yet worth a mail
MOST_NAMED = 10  # products in a mail
WORDS = {DUE: "due", LATE: "late", MISSING: "missing: nothing was attested yet"}
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Owed:
    """A firm's products that owe the same quarter's figures in the same state."""

    state: str
    quarter: Quarter
    products: list[Product]

    @property
    def words(self) -> str:
        return WORDS[self.state]

    @property
    def named(self) -> list[Product]:
        return self.products[:MOST_NAMED]

    @property
    def more(self) -> int:
        return max(0, len(self.products) - MOST_NAMED)


def reminders_send(today: date | None = None) -> int:
    """Mails what nobody was told yet; returns how many mails the mail server took."""
    today = today or timezone.localdate()
    sent = 0
    for _, group in groupby(_makers(today), key=lambda membership: membership.organisation_id):
        members = list(group)
        owed = _owed(members[0], today)
        people = {member.user_id: member for member in members}
        sent += sum(_remind(member, owed) for member in people.values()) if owed else 0
    return sent


def _makers(today: date) -> Iterator[Membership]:
    held = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today), starts_on__lte=today)
    people = held.filter(role__in=MAKERS, user__is_active=True).select_related("user", "organisation")
    return iter(people.order_by("organisation_id", "user_id"))


def _owed(member: Membership, today: date) -> list[Owed]:
    """As the firm's own people see it on their first page."""
    reader = User.objects.get(pk=member.user_id)
    reader.chosen_membership_id = member.pk
    found, _ = submissions_due(reader, today)
    found.sort(key=lambda due: (due.due_on, due.state))
    groups = [
        Owed(state, Quarter(day), [due.product for due in group])
        for (day, state), group in groupby(found, key=lambda due: (due.quarter.ends_on, due.state))
    ]
    return [owed for owed in groups if owed.state != DUE or owed.quarter.due_on <= today + timedelta(days=DAYS_AHEAD)]


def _remind(member: Membership, owed: list[Owed]) -> bool:
    """Remembered first, so that two workers never mail the same; forgotten again if the mail server refused."""
    new, remembered = [], []
    for item in owed:
        row, is_new = FiguresReminder.objects.get_or_create(
            user=member.user, organisation=member.organisation, quarter_end=item.quarter.ends_on, state=item.state
        )
        if is_new:
            new.append(item)
            remembered.append(row.pk)
    if not new:
        return False
    address = f"{settings.SITE_URL}{reverse('products:kpi-list')}" if settings.SITE_URL else ""
    text = render_to_string("products/email/figures_reminder.txt", {"member": member, "owed": new, "address": address})
    try:
        send_mail(f"Quarterly figures of {member.organisation}", text, None, [member.user.email])
    except (SMTPException, OSError):
        log.exception("A reminder could not be mailed")
        FiguresReminder.objects.filter(pk__in=remembered).delete()
        return False
    return True
