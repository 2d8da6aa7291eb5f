"""What a manufacturer can do next about one of its ratings, with the gain that the real scorer finds. No database here.

catalogue.py says which kinds of actions there are, kpi_actions.py and supply_actions.py propose those that fit a
product, changes.py makes the changed inputs, gains.py scores them, sets.py finds the smallest sets that reach a band,
masking.py takes out what the reader may not learn of other firms' sites.
"""
