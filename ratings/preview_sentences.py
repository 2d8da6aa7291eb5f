"""What is said of results in preview: what moved, and when everybody else sees it."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from dscr.moments import moment
from ratings.figures import day, first_up, in_words, plain, points
from ratings.previews import published_from
from ratings.program import PREVIEW_DAYS, Setting
from ratings.queries.preview import PreviewList, PreviewNote, PreviewView

ONLY_YOU = "Until then only the firm that enrolled the product, the program operator and auditors see it."
KEEPS_ITS_DAY = (
    "Changes until then take its place without moving that time: whatever is computed then is published. "
    "If the result returns to what is published, the preview ends. A withdrawal, a suspension or an expiry takes "
    "effect at once."
)


def preview_sentence(preview: PreviewView) -> str:
    """What others will read instead of what."""
    new, before = preview.new, preview.before
    if before is None or before.score is None or new.score is None:
        will = f"{points(new.score)}, {new.band_label}" if new.score is not None else new.standing_label
        return f"Others will see “{will}” instead of “{_now(preview)}”."
    if not preview.change:
        score = f"The score stays {points(new.score)}"
    else:
        verb = "rises" if preview.change > 0 else "falls"
        score = f"The score {verb} by {plain(abs(preview.change), 1)} to {points(new.score)}"
    band = (
        f", the band goes from {before.band_label} to {new.band_label}."
        if preview.band_moved
        else f" and the band stays {new.band_label}."
    )
    return score + band


def _now(preview: PreviewView) -> str:
    before = preview.before
    if before is None:
        return "Enrolled, not yet rated"
    return f"{points(before.score)}, {before.band_label}" if before.score is not None else before.standing_label


def when_sentence(at: datetime) -> str:
    return "Published within seconds." if at <= timezone.now() else f"To be published on {moment(at)}."


def published_aside(note: PreviewNote | None) -> str:
    """Stands beside what is computed on today's inputs: that it is in preview, and what everybody else reads until
    when. "" where nothing is in preview."""
    if note is None:
        return ""
    now = f"“{note.before_label}”" if note.before_score is None else points(note.before_score)
    return f"in preview; {now} is published until {day(timezone.localdate(note.published_from))}"


def today_sentence(note: PreviewNote | None) -> str:
    return f"Today’s result is {published_aside(note)}." if note else ""


def portfolio_sentence(count: int) -> str:
    """Of a page that shows published scores beside what is computed; `count` products are in preview."""
    if not count:
        return ""
    verb = "product is" if count == 1 else "products are"
    said = f"{first_up(in_words(count))} {verb} in preview: what is published stands here as the score."
    return f"{said} What would help is computed on today’s figures."


def running_sentence(running: PreviewList) -> str:
    """How many products are in preview, and when the first is published."""
    if not running.count:
        return "No product is in preview: everybody sees the newest results."
    verb = "product is" if running.count == 1 else "products are"
    said = f"{first_up(in_words(running.count))} {verb} in preview"
    first = when_sentence(running.first[0].published_from)
    return f"{said}. {first}" if running.count == 1 else f"{said}. The first: {first[:1].lower()}{first[1:]}"


def change_sentence(setting: Setting, value: int, begun: Sequence[datetime], now: datetime) -> str:
    """What a value of the setting means, also for products in preview; `begun` is when each preview began."""
    if setting is not PREVIEW_DAYS:
        return ""
    if not value:
        means = "Every result is published as soon as it is computed."
        waiting = _many(len(begun), "is", "are")
        return f"{means} {waiting} published within seconds." if begun else f"{means} No product is in preview now."
    means = (
        f"A new result is published at the first 9:00 am Eastern time after {setting.told(value)}, counted from the "
        "first change that is not published."
    )
    if not begun:
        return f"{means} No product is in preview now; what is published already stays."
    ends = sorted(published_from(since, value) for since in begun)
    due = sum(end <= now for end in ends)
    later = [end for end in ends if end > now]
    said = [means]
    if due:
        said.append(f"{_many(due, 'is', 'are')} published within seconds.")
    if later:
        until = f" up to {moment(later[-1])}" if later[-1] != later[0] else ""
        said.append(f"{_many(len(later), 'is', 'are')} published from {moment(later[0])}{until}.")
    return " ".join(said)


def _many(count: int, one: str, more: str) -> str:
    return f"{first_up(in_words(count))} product{'' if count == 1 else 's'} in preview {one if count == 1 else more}"
