"""The first page after signing in, and the short way to the method."""

from django.urls import path

from dscr.home.views import home
from ratings.views.methodology import newest_methodology

urlpatterns = [
    path("", home, name="home"),
    path("method/", newest_methodology, name="method"),
]
