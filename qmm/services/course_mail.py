"""Mails of steps: that something happened and what comes next. No level, no note and no answer is in them; only who is
replaced, and opens the case no more, is told the reason."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from dscr.mails import waiting_send
from qmm.course.steps import Event
from qmm.course.words import next_sentence
from qmm.models import CaseNotice, FactComment
from qmm.services.course_people import firms_to_tell


def notices_send() -> int:
    """Sends those that wait; returns how many the mail server took."""
    related = ("user", "event__by", "event__organisation", "event__case__establishment")
    return waiting_send(CaseNotice.objects.select_related(*related), _mail)


def _mail(notices: list[CaseNotice]) -> bool:
    [notice] = notices
    event = notice.event
    case = event.case
    if not firms_to_tell(notice.user_id)(case.establishment.owner_id):
        return False
    page = "qmm:case-report" if event.event == Event.FINALIZE else "qmm:case-detail"
    address = f"{settings.SITE_URL}{reverse(page, args=[case.pk])}" if settings.SITE_URL else ""
    is_answered = not FactComment.objects.filter(case=case, answered_at=None).exists()
    then = next_sentence(event.state, event.due_on, event.event == Event.CONFIRM, is_answered)
    reason = event.note if event.about_id == notice.user_id else ""
    context = {"event": event, "case": case, "next": then, "address": address, "reason": reason}
    text = render_to_string("qmm/email/case_step.txt", context)
    subject = " ".join(f"Assessment of {case.establishment.name}: {event.get_state_display().lower()}".split())
    send_mail(subject, text, None, [notice.user.email])
    return True
