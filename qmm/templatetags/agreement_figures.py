"""Figures of agreement in templates."""

from django import template

from qmm import agreement_sentences

register = template.Library()


@register.filter
def coefficient(value: float | None) -> str:
    """Two decimals, or a dash."""
    return agreement_sentences.number(value)


@register.simple_tag
def interval(low: float | None, high: float | None) -> str:
    """ "0.71 to 0.86", or a dash."""
    return agreement_sentences.span(low, high) or "–"


@register.filter
def signed(value: float | None) -> str:
    """A drift with its sign."""
    text = agreement_sentences.number(value)
    return f"+{text}" if value is not None and value > 0 and text != "0.00" else text
