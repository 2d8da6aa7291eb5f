"""Signing in and out, one's account, invitations and people. allauth's views under addresses of our own."""

from allauth.account.views import LogoutView
from django.urls import path

from dscr.access.views.account import membership_list, membership_switch, session_end
from dscr.access.views.invitations import invitation_accept
from dscr.access.views.people import invitation_create, invitation_resend, invitation_revoke, people_list
from dscr.access.views.sign_in import SignIn

app_name = "access"

urlpatterns = [
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("membership/", membership_switch, name="membership-switch"),
    path("account/memberships/", membership_list, name="membership-list"),
    path("account/sessions/<int:pk>/end/", session_end, name="session-end"),
    path("invitations/<str:token>/", invitation_accept, name="invitation-accept"),
    path("people/", people_list, name="people-list"),
    path("people/invite/", invitation_create, name="invitation-create"),
    path("people/invitations/<int:pk>/resend/", invitation_resend, name="invitation-resend"),
    path("people/invitations/<int:pk>/revoke/", invitation_revoke, name="invitation-revoke"),
]
