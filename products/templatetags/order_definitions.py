"""The definitions by which order lines are counted, for the pages that compute and take over their figures."""

from django import template

from products.questionnaire import QUESTIONS, Question

register = template.Library()


@register.simple_tag
def order_questions() -> list[Question]:
    """Those whose figures come from order lines: their help in the questionnaire says the same."""
    return [question for question in QUESTIONS if question.lines]
