"""The operator's admin of products and everything that is recorded for them."""

from products.admin import directory, kpi_submission, lists

__all__ = ["directory", "kpi_submission", "lists"]
