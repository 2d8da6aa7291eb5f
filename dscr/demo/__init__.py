"""The demonstration portfolio: invented firms, real molecule names, and two years in which things happen to them.

`portfolio.build(seed, today)` makes every row in memory, the same rows for the same seed and date; `load.load_demo`
stores them and replays the past. Above ratings: nothing imports this but the command.
"""
