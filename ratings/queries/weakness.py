"""The one order in which molecules are called weak."""

# The best band first, no rated product being the weakest; then independent makers, rated products, and the name.
# Fields of an annotated queryset and of coverage.MoleculeStanding alike. Left out by both: molecules of which no
# enrolled product is within the scope of the method, since they are neither weak nor strong.
WEAKEST_FIRST = ("best", "maker_count", "rated", "molecule")
