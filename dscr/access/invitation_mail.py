"""The mail that carries an invitation's link."""

import logging
from smtplib import SMTPException

from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from dscr.access.invitations import Invitation

log = logging.getLogger(__name__)


def invitation_path(token: str) -> str:
    return reverse("access:invitation-accept", args=[token])


def invitation_send(invitation: Invitation, link: str) -> bool:
    """Whether the mail server took it."""
    context = {"invitation": invitation, "link": link}
    text = render_to_string("access/email/invitation.txt", context)
    try:
        send_mail(f"Invitation to DSCR for {invitation.organisation}", text, None, [invitation.email])
    except (SMTPException, OSError):
        log.exception("An invitation could not be mailed")
        return False
    return True
