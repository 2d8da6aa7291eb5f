"""Sending a file of evidence: exactly the bytes that were given, as an attachment, and noted."""

import hashlib
import io

import structlog
from django.http import FileResponse, HttpRequest

from dscr import audit
from dscr.audit.kinds import BY_TABLE
from dscr.evidence.kinds import KINDS
from dscr.evidence.models import EvidenceFile
from dscr.intake import private_files

log = structlog.get_logger(__name__)


class DamagedFileError(Exception):
    """The stored file is gone, or is not what was given."""


def evidence_response(request: HttpRequest, file: EvidenceFile) -> FileResponse:
    """For a row that the reader's own queryset gave. DamagedFileError, noted, where the SHA-256 does not hold.

    It is read as a whole first (it is small): what was verified is what is sent.
    """
    try:
        content = private_files.path_of(file.stored_name).read_bytes()
    except OSError:
        content = None
    if content is None or hashlib.sha256(content).hexdigest() != file.sha256:
        log.error("evidence_damaged", table=file._meta.db_table, id=file.pk, missing=content is None)
        audit.note(request, "refused", file, detail="the stored file is not what was given")
        raise DamagedFileError
    known = BY_TABLE.get(file._meta.db_table)
    is_secret = known is not None and "sha256" in known.secret  # who reads the audit may not know the file yet
    audit.note(request, "downloaded", file, detail="" if is_secret else f"SHA-256 {file.sha256}")
    response = FileResponse(
        io.BytesIO(content), as_attachment=True, filename=file.name, content_type=KINDS[file.kind].content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
