"""What the operator sets for the whole program: each setting with its bounds and words, and what holds now.

A new setting is a line in SETTINGS; the page `/program/`, its record and the check of values follow from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from dscr.access.scoping import Reader
from ratings.program_records import SettingChange


@dataclass(frozen=True, slots=True)
class Setting:
    """`least` to `most` in `unit`s; `default` holds until somebody changes it."""

    name: str
    label: str
    unit: str
    least: int
    most: int
    default: int
    meaning: str

    def told(self, value: int) -> str:
        """1 day, 14 days."""
        return f"{value} {self.unit}{'' if value == 1 else 's'}"


PREVIEW_DAYS = Setting(
    name="preview_days",
    label="Preview of new results",
    unit="day",
    least=0,
    most=60,
    default=0,
    meaning="How long the firm that enrolled a product sees a new result before it is published. With 0, every result "
    "is published as soon as it is computed.",
)
SETTINGS: Mapping[str, Setting] = {setting.name: setting for setting in (PREVIEW_DAYS,)}


@dataclass(frozen=True, slots=True)
class Held:
    """What holds now. `version` is that of the last change, 0 before the first."""

    setting: Setting
    value: int
    version: int
    last: SettingChange | None = None

    @property
    def told(self) -> str:
        return self.setting.told(self.value)


class ChangedMeanwhileError(Exception):
    """Somebody else changed the setting since the page was opened."""


def setting_held(setting: Setting) -> Held:
    """One query."""
    last = SettingChange.objects.filter(name=setting.name).select_related("changed_by").order_by("-version").first()
    return Held(setting, last.value, last.version, last) if last else Held(setting, setting.default, 0)


def value_of(setting: Setting, cursor: Any) -> int:
    """In the transaction of the cursor, so that a batch works by one value."""
    cursor.execute(
        "SELECT value FROM ratings_settingchange WHERE name = %s ORDER BY version DESC LIMIT 1", [setting.name]
    )
    row = cursor.fetchone()
    return row[0] if row else setting.default


def setting_change(held: Held, value: int, *, user: Reader, reason: str) -> SettingChange:
    """Put a value in force that was checked already; ChangedMeanwhileError where `held` no longer holds."""
    try:
        with transaction.atomic():
            return SettingChange.objects.create(
                name=held.setting.name,
                version=held.version + 1,
                value=value,
                value_before=held.value,
                reason=reason,
                changed_by=user,
            )
    except IntegrityError:
        raise ChangedMeanwhileError from None
