"""How long sign-in stays paused after too many wrong tries, and how that is said. allauth keeps the counts."""

import math
import time

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest

APP = "allauth.account"
WRONG_TRIES = "login_failed"


def seconds_locked(request: HttpRequest, key: str, action: str = WRONG_TRIES) -> int:
    """Seconds until the next try is let in; 0 when it is let in now."""
    wait = 0.0
    for rate in ratelimit.get_rates(app=APP, action=action):
        tries = cache.get(ratelimit.get_cache_key(request, app=APP, action=action, rate=rate, key=key), [])
        if len(tries) >= rate.amount:
            wait = max(wait, tries[rate.amount - 1] + rate.duration - time.time())
    return math.ceil(wait)


def lock_words(seconds: int) -> str:
    minutes = max(1, math.ceil(seconds / 60))
    return (
        f"Too many wrong tries. Sign-in for this address is paused; try again in {minutes} "
        f"minute{'' if minutes == 1 else 's'}, or choose a new password by e-mail."
    )


def rule_words() -> str:
    """What the sign-in page says before anyone is locked out."""
    rate = next(rate for rate in ratelimit.get_rates(app=APP, action=WRONG_TRIES) if rate.per == "key")
    return f"After {rate.amount} wrong tries, sign-in pauses for {round(rate.duration / 60)} minutes."
