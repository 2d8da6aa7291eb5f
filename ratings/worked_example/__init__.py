"""The published example of the method with its figures free to be moved, scored by the real scorer.

controls.py says what can be moved, settings.py reads a query into a setting, document.py makes the portfolio document
of a setting, comparison.py scores it beside the example as published.
"""
