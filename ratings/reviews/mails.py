"""Mails of steps: that something happened and what is to be done. No figure and no word of the thread is in them."""

import logging
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from ratings.reviews.models import ReviewNotice
from ratings.reviews.sentences import told_sentence

GIVEN_UP = timedelta(days=3)  # what a mail server refused for so long is old news
log = logging.getLogger(__name__)


def notices_send() -> int:
    """Sends those that wait; returns how many the mail server took. It goes on with the next run where one failed."""
    sent = 0
    waiting = ReviewNotice.objects.filter(sent_at=None, made_at__gt=timezone.now() - GIVEN_UP).order_by("made_at", "pk")
    for pk in waiting.values_list("pk", flat=True):
        if not _send(pk):
            break  # the server is away, and would be for the others
        sent += 1
    return sent


def _send(pk: int) -> bool:
    """Remembered first, so that two workers never mail the same; forgotten again if the mail server refused."""
    if not ReviewNotice.objects.filter(pk=pk, sent_at=None).update(sent_at=timezone.now()):
        return True
    related = ("user", "message__request__product", "message__request__organisation")
    notice = ReviewNotice.objects.select_related(*related).get(pk=pk)
    review = notice.message.request
    address = f"{settings.SITE_URL}{reverse('ratings:review-detail', args=[review.pk])}" if settings.SITE_URL else ""
    context = {"review": review, "said": told_sentence(notice.message), "address": address}
    text = render_to_string("ratings/reviews/email/review_step.txt", context)
    subject = f"{review.get_kind_display()} {review.pk}: NDC {review.product.display_ndc}"
    try:
        send_mail(subject, text, None, [notice.user.email])
    except (SMTPException, OSError):
        log.exception("A step of a review could not be mailed")
        ReviewNotice.objects.filter(pk=pk).update(sent_at=None)
        return False
    return True
