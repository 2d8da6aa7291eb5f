"""Names of drugs in templates, as products/drug_names.py writes them."""

from django import template

from products import drug_names

register = template.Library()


@register.filter
def drug_name(named: object) -> str:
    """Of a text, or of a product as it names itself."""
    return drug_names.drug_name(str(named))


register.filter("strength", drug_names.strength)
