"""Two records of one establishment merged into one, with all that hangs on them, and the merge undone by its record."""
