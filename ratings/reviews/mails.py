"""Mails of steps: that something happened and what is to be done. No figure and no word of the thread is in them."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from dscr.mails import waiting_send
from ratings.reviews.models import ReviewNotice
from ratings.reviews.people import still_stands_there
from ratings.reviews.sentences import told_sentence


def notices_send() -> int:
    """Sends those that wait; returns how many the mail server took."""
    related = ("user", "message__request__product", "message__request__organisation")
    return waiting_send(ReviewNotice.objects.select_related(*related), _mail)


def _mail(notices: list[ReviewNotice]) -> bool:
    [notice] = notices
    review = notice.message.request
    if not still_stands_there(review, notice.user_id):
        return False
    address = f"{settings.SITE_URL}{reverse('ratings:review-detail', args=[review.pk])}" if settings.SITE_URL else ""
    context = {"review": review, "said": told_sentence(notice.message), "address": address}
    text = render_to_string("ratings/reviews/email/review_step.txt", context)
    subject = f"{review.get_kind_display()} {review.pk}: NDC {review.product.display_ndc}"
    send_mail(subject, text, None, [notice.user.email])
    return True
