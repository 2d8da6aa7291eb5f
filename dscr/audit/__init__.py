"""Who changed, viewed or exported what, when and from which membership: `audit.note`, `audit.acting_as`."""

from dscr.audit.actor import acting_as, actor_is
from dscr.audit.notes import note, note_each

__all__ = ["acting_as", "actor_is", "note", "note_each"]
