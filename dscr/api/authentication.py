"""Who asks: a machine by `Authorization: Token ...`, a page by its session."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from dscr.access.models import User
from dscr.api.models import ApiToken
from dscr.api.tokens import token_of, token_seen, user_of
from dscr.audit.actor import actor_is

SCHEME = "Token"
WHY = {
    "revoked": "The token was revoked.",
    "expired": "The token has expired. Get a new one.",
    "membership ended": "The membership that the token stands for does not hold today.",
}


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != SCHEME.lower().encode():
            return None
        token = token_of(secret.strip().decode("latin-1"))
        if token is None:
            raise AuthenticationFailed("No such token.")
        if token.state != "active":
            raise AuthenticationFailed(WHY[token.state])
        if not token.user.is_active:
            raise AuthenticationFailed("The account is switched off.")
        user = user_of(token)
        actor_is(user)
        token_seen(token)
        return user, token

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="DSCR"'
