"""One machine by itself: a real PostgreSQL and a real Redis from Python wheels, and what runs on them.

A deployment imports `commands` alone, and installs none of the wheels.
"""

VARIABLES = ("DATABASE_URL", "REDIS_URL")
