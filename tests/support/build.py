"""Where the binaries under test are, and how they were built."""

import functools
import mmap
import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("GLAUX_BUILD", REPOSITORY / "build" / "release")).resolve()
GLAUXD = BUILD / "bin" / "glauxd"
EXECUTORS = BUILD / "executors"


@functools.lru_cache
def is_sanitized() -> bool:
    with open(GLAUXD, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as binary:
        return any(binary.find(mark) >= 0 for mark in (b"__asan_init", b"__tsan_init"))


def slack() -> float:
    """By how much a promise about time is stretched: sanitizers cost two to four times the CPU."""
    return 4.0 if is_sanitized() else 1.0
