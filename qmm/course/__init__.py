"""The course of an assessment as data: states, events, who may do what when, and the refusal of everything else.

`steps` holds the table, `words` what is said of it, `levels` what its end computes, `questions` what is asked before
the visit, `plans` what an action of the improvement plan must say. Nothing here reads or writes a row.
"""
