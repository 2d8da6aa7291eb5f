"""Files that people gave in confidence: outside the web root, readable by this program alone, named by no one."""

import hashlib
import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings


class Given(Protocol):
    """What an upload offers."""

    def chunks(self) -> Iterable[bytes]: ...


@dataclass(frozen=True, slots=True)
class Stored:
    """`name`: relative to the private folder, and free of anything that a person typed. size: bytes."""

    name: str
    sha256: str
    size: int


def store(given: Given, folder: str) -> Stored:
    """Keep a copy under a name of its own. OSError where the disk refuses; nothing is left behind then."""
    name = f"{folder}/{uuid.uuid4().hex}"
    path = path_of(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with open(path, "xb", opener=_private) as file:
            for part in given.chunks():
                digest.update(part)
                size += len(part)
                file.write(part)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Stored(name, digest.hexdigest(), size)


def path_of(name: str) -> Path:
    return Path(settings.PRIVATE_FILES) / name


def remove(name: str) -> None:
    path_of(name).unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
