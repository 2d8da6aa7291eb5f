"""Order lines of a manufacturer: read from its file, and counted into figures of the questionnaire.

files -> rows of text; mapping says which column is what; cells and lines read them; figures counts. None of these
knows the database: products.services.order_upload and products.services.order_figures do.
"""
