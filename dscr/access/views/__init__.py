"""Signing in and out, one's account, and the operator's page of people."""

from dscr.access.views.sign_in import admin_sign_in

__all__ = ["admin_sign_in"]
