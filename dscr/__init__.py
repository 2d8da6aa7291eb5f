import gc

gc.disable()  # what is loaded stays: to look through it for garbage takes a sixth of a start (dscr/frame.py goes on)

from dscr.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
