"""Files that commands write."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any


@contextmanager
def whole_file(path: Path, mode: str = "w", **how: Any) -> Iterator[IO[Any]]:
    """A file that is there when all of it is: written beside its place and moved there at the end.

    What an error leaves is nothing, or what was there before. A device or a pipe is written to as it stands.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        with target.open(mode, **how) as device:
            yield device
        return
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        file = beside.open(mode, **how)
    except OSError as error:
        error.filename = str(path)
        raise
    try:
        with file:
            yield file
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
