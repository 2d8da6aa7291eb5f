"""Taking files in: checked first, all of them or none, and gone again if what they belong to is not stored."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from dscr.evidence.kinds import FileKind, recognized
from dscr.evidence.names import clean_name
from dscr.intake import private_files
from dscr.intake.files import FileError

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    name: str
    kind: FileKind
    stored: private_files.Stored

    @property
    def fields(self) -> dict[str, Any]:
        """Of models.EvidenceFile, but who gave it."""
        stored = self.stored
        return {
            "name": self.name,
            "kind": self.kind.code,
            "stored_name": stored.name,
            "sha256": stored.sha256,
            "size": stored.size,
        }


def evidence_check(files: Sequence[UploadedFile], *, already: int = 0) -> list[tuple[str, FileKind]]:
    """(name, kind) of each; `already` is how many the thread has. FileError names the first file that is wrong."""
    evidence_room(files, already=already)
    return [_checked(file) for file in files]


def evidence_room(files: Sequence[UploadedFile], *, already: int) -> None:
    """FileError where they would be too many beside those that are here already."""
    most = settings.EVIDENCE_MOST_FILES
    if files and already + len(files) > most:
        there = f", and {already} {'is' if already == 1 else 'are'} here already" if already else ""
        raise FileError(f"At most {most} files are taken{there}. Send the ones that matter, or put them into one PDF.")


def _checked(file: UploadedFile) -> tuple[str, FileKind]:
    name, most = clean_name(file.name or ""), settings.EVIDENCE_MOST_MIB
    if not file.size:
        raise FileError(f"{name} is empty. Choose it again.")
    if file.size > most * MIB:
        raise FileError(f"{name} is larger than {most} MiB. Send the pages that matter, or split it.")
    return name, recognized(file, name)


@contextmanager
def evidence_kept(files: Sequence[UploadedFile], folder: str, *, already: int = 0) -> Iterator[list[Kept]]:
    """Checks all files, then keeps them; if the block fails, none is left behind. FileError."""
    checked = evidence_check(files, already=already)
    kept: list[Kept] = []
    try:
        for file, (name, kind) in zip(files, checked, strict=True):
            file.seek(0)
            try:
                stored = private_files.store(file, folder)
            except OSError:
                raise FileError(f"{name} could not be stored. Try again later, or tell the program office.") from None
            kept.append(Kept(name, kind, stored))
        yield kept
    except BaseException:
        for one in kept:
            private_files.remove(one.stored.name)
        raise
