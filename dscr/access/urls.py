"""Signing in and out."""

from django.urls import path

from dscr.access.views import SignIn, SignOut

app_name = "access"

urlpatterns = [
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
]
