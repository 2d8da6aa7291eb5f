"""Grants in templates, in the words of products/grant_sentences.py."""

from django import template

from products.grant_sentences import recipient, things

register = template.Library()
register.filter("recipient", recipient)
register.filter("things", things)
