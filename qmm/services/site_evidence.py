"""Who takes back a result of another program: who recorded it, or the program operator."""

from dscr.access.roles import Scope
from dscr.access.scoping import Reader, scope_of
from qmm.models import SiteEvidence

NOT_YOURS = "Your organization did not record it: whoever did, or the program operator, voids it."


def may_void(user: Reader, evidence: SiteEvidence) -> bool:
    """Of evidence that the user may read. An owner thus voids neither the office's nor its predecessor's."""
    scope = scope_of(user, "record_evidence")
    return scope == Scope.ALL or (scope == Scope.OWN and evidence.recorded_for_id == user.membership.organisation_id)
