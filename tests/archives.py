"""Zip archives whose packed bytes were overwritten, as a failing disk does; each way of packing says so otherwise."""

import io
import struct
import zipfile

DAMAGED = {"deflate": zipfile.ZIP_DEFLATED, "bzip2": zipfile.ZIP_BZIP2, "lzma": zipfile.ZIP_LZMA}


def damaged_archive(packing: str, **parts: str) -> bytes:
    """The last part is damaged."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", DAMAGED[packing]) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    content, item = bytearray(buffer.getvalue()), archive.infolist()[-1]
    name_size, extra_size = struct.unpack("<HH", content[item.header_offset + 26 : item.header_offset + 30])
    start = item.header_offset + 30 + name_size + extra_size
    damage = min(item.compress_size, 30)
    content[start : start + damage] = b"\xff" * damage
    return bytes(content)
