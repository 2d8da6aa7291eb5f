"""The first page after signing in."""

from django.urls import path

from dscr.home.views import home

urlpatterns = [
    path("", home, name="home"),
]
