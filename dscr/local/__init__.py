"""One machine by itself: a real PostgreSQL and a real Redis from Python wheels, and what runs on them."""
