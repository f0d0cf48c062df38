"""What a worker and its launcher say to each other.

Part of the launcher: standard library only.
"""

import json
import socket
import struct

FRAME = struct.Struct("!I")  #: length of the request
ORDER = struct.Struct("!cd")  #: what to do, and until when (`time.monotonic()`)
RENEW, TERM, DONE = b"R", b"T", b"D"
SCRIPT, CONTAINER = b"s", b"c"  #: what descriptors are for


def read_request(source: socket.socket) -> "dict[str, object]":
    """What is to be started. Raises EOFError when the worker is gone."""
    (length,) = FRAME.unpack(exactly(source, FRAME.size))
    request: dict[str, object] = json.loads(exactly(source, length))
    return request


def exactly(source: socket.socket, size: int, default: "bytes | None" = None) -> bytes:
    """So many bytes; `default`, else EOFError, when the worker is gone."""
    data = b""
    while len(data) < size:
        part = source.recv(size - len(data))
        if not part:
            if default is not None:
                return default
            raise EOFError("the worker is gone")
        data += part
    return data
