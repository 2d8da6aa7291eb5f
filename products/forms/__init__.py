"""The forms of products' pages."""
