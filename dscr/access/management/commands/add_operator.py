"""The first operator of a deployment: an organisation and an invitation that opens the admin too."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from dscr.access.invitation_mail import invitation_path, invitation_send
from dscr.access.invitations import Invitation, invitation_issue
from dscr.access.models import Organisation
from dscr.access.roles import OrganisationKind, Role

ORGANISATION = "Program office"


class Command(BaseCommand):
    help = "Invite an operator who may also use the admin. Prints the link and mails it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--organisation", default=ORGANISATION, help=f"made if missing; {ORGANISATION!r} if left out"
        )
        parser.add_argument("--url", help="where the program is reached, such as https://dscr.example.org")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{options['email']!r} is not an e-mail address.") from None
        with transaction.atomic():
            invitation = Invitation(
                email=email,
                organisation=_operator_organisation(options["organisation"].strip()),
                role=Role.OPERATOR,
                starts_on=timezone.localdate(),
                administers=True,
            )
            token = invitation_issue(invitation)
        link = (options["url"] or _address()).rstrip("/") + invitation_path(token)
        mailed = invitation_send(invitation, link)
        self.stdout.write(
            f"{email} may become operator at {invitation.organisation}. The link works once, for 14 days:"
        )
        self.stdout.write(link)
        self.stdout.write(
            "It was mailed too." if mailed else "The mail could not be sent: hand the link over yourself."
        )


def _operator_organisation(name: str) -> Organisation:
    organisation, _ = Organisation.objects.get_or_create(name=name, defaults={"kinds": [OrganisationKind.OPERATOR]})
    if OrganisationKind.OPERATOR not in organisation.kinds:
        kinds = ", ".join(organisation.kinds)
        raise CommandError(f"{name!r} exists and is no program operator (it is: {kinds}). Choose another name.")
    return organisation


def _address() -> str:
    if settings.LOCAL:
        return "http://127.0.0.1:8000"
    hosts = [host for host in settings.ALLOWED_HOSTS if not host.startswith((".", "*"))]
    if not hosts:
        raise CommandError("Say where the program is reached: --url https://...")
    return f"https://{hosts[0]}"
