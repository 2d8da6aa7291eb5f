"""Due process: a firm contests a rating, the program operator answers, both in one thread that is kept for ever.

rules: who may do what, when and until when, as data. models: the thread. services: the steps. queries, forms, views.
"""
