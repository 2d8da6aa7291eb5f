"""Names of drugs in templates, as products/drug_names.py writes them."""

from django import template

from products.drug_names import drug_name

register = template.Library()
register.filter("drug_name", drug_name)
