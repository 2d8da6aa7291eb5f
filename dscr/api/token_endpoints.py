"""A token for an address and a password, and giving it back."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.access import credentials
from dscr.access.models import Membership, User
from dscr.access.roles import Role
from dscr.api.endpoint import Endpoint
from dscr.api.errors import ProblemError
from dscr.api.models import ApiToken
from dscr.api.tokens import DEFAULT_DAYS, MOST_DAYS, token_create, token_revoke
from dscr.audit.actor import actor_is
from dscr.audit.notes import note


class TokenRequestSerializer(serializers.Serializer):
    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=1000, trim_whitespace=False)
    otp = serializers.CharField(
        max_length=100,
        required=False,
        allow_blank=True,
        help_text="Where a second factor is on: the code of the authenticator app, or a recovery code.",
    )
    membership = serializers.IntegerField(
        required=False, help_text="Which of your memberships the token stands for; the oldest if you do not say."
    )
    name = serializers.CharField(max_length=100, required=False, allow_blank=True, help_text="What will use it.")
    expires_in_days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, required=False, default=DEFAULT_DAYS)


class TokenMembershipSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    role = serializers.ChoiceField(choices=Role.choices)
    organisation = serializers.CharField()


class TokenSerializer(serializers.Serializer):
    token = serializers.CharField(help_text="The secret. It is told this once.")
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    membership = TokenMembershipSerializer()


class WrongCredentialsProblemError(AuthenticationFailed, ProblemError):
    status_code, code = 401, "wrong-credentials"


class SecondFactorNeededProblemError(AuthenticationFailed, ProblemError):
    status_code, code = 401, "second-factor-needed"


class SecondFactorWrongProblemError(AuthenticationFailed, ProblemError):
    status_code, code = 401, "second-factor-wrong"


class LockedOutProblemError(ProblemError):
    status_code, code = 429, "locked-out"


class NoMembershipProblemError(ProblemError):
    status_code, code = 409, "no-membership"


REFUSALS = {
    credentials.WrongCredentialsError: WrongCredentialsProblemError,
    credentials.SecondFactorNeededError: SecondFactorNeededProblemError,
    credentials.SecondFactorWrongError: SecondFactorWrongProblemError,
    credentials.LockedOutError: LockedOutProblemError,
}


EXAMPLE = {
    "token": "dscr_5l0...",
    "name": "Night import",
    "created_at": "2026-11-22T21:00:00Z",
    "expires_at": "2027-02-20T21:00:00Z",
    "membership": {"id": 7, "role": "purchaser", "organisation": "Northwind Hospitals"},
}


class TokenCreate(Endpoint):
    authentication_classes = ()

    def get_authenticate_header(self, request: Request) -> str:
        return 'Token realm="DSCR"'

    @extend_schema(
        operation_id="token_create",
        tags=["tokens"],
        auth=[],
        request=TokenRequestSerializer,
        responses={201: TokenSerializer, 409: OpenApiResponse(description="You have no membership that holds today.")},
        examples=[
            OpenApiExample("A token", response_only=True, status_codes=["201"], value=EXAMPLE),
            OpenApiExample(
                "With a second factor",
                request_only=True,
                value={"email": "buyer@hospital.example", "password": "...", "otp": "123456", "name": "Night import"},
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Get a token for your e-mail address and password.

        It stands for one membership, expires after 90 days unless you say otherwise, and can be revoked here or on
        the page of your account. 401 says by `type` what is wrong: `wrong-credentials`, `second-factor-needed` or
        `second-factor-wrong`; 429 that sign-in is paused after too many wrong tries.
        """
        body = TokenRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        user = self._user(request, given)
        membership = chosen_membership(user, given.get("membership"))
        actor_is(user)
        token, secret = token_create(membership, name=given.get("name", ""), days=given["expires_in_days"])
        note(user, "token made", ("api-token", token.pk, str(token)))
        return Response(described(token, secret), status=201)

    def _user(self, request: Request, given: dict[str, Any]) -> User:
        try:
            return credentials.check_credentials(request, given["email"], given["password"], given.get("otp", ""))
        except credentials.CredentialsError as error:
            refusal = REFUSALS[type(error)](str(error))
            refusal.seconds = getattr(error, "seconds", None)
            raise refusal from None


class CurrentToken(Endpoint):
    @extend_schema(operation_id="token_revoke", tags=["tokens"], request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Revoke the token that this request was made with."""
        if not isinstance(request.auth, ApiToken):
            raise NotFound("This request was made without a token.")
        token_revoke(request.auth)
        note(request, "token revoked", ("api-token", request.auth.pk, str(request.auth)))
        return Response(status=204)


def chosen_membership(user: User, wanted: int | None) -> Membership:
    """The wanted one of those that hold today; the oldest where none is wanted."""
    held = user.memberships_today
    if not held:
        raise NoMembershipProblemError("You have no membership that holds today, so a token would see nothing.")
    if wanted is None:
        return held[0]
    for membership in held:
        if membership.pk == wanted:
            return membership
    raise ValidationError({"membership": "This is none of your memberships that hold today."})


def described(token: ApiToken, secret: str) -> dict[str, Any]:
    membership = token.membership
    return {
        "token": secret,
        "name": token.name,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "membership": {
            "id": membership.pk,
            "role": membership.role,
            "organisation": membership.organisation.name,
        },
    }
