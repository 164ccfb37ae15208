"""Small file systems of our own, for what happens when a disk is full or read-only."""

import contextlib
import os
import subprocess

import pytest

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")


def tmpfs(directory, size_mib):
    directory.mkdir()
    return tmpfs_over(directory, size_mib)


@contextlib.contextmanager
def tmpfs_over(directory, size_mib):
    """Empty, and in the place of what was there, which is back at the end."""
    _run("mount", "-t", "tmpfs", "-o", f"size={size_mib}m", "glaux-test", directory)
    try:
        yield directory
    finally:
        _run("umount", "--lazy", directory)


def make_read_only(directory):
    _run("mount", "-o", "remount,ro", directory)


def make_writable(directory):
    _run("mount", "-o", "remount,rw", directory)


def _run(*command):
    ran = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"{command}: {ran.stderr}"


def free_bytes(directory):
    space = os.statvfs(directory)
    return space.f_bavail * space.f_frsize


def fill(directory, leave_bytes):
    """Writes a file that takes all space but so much; returns it, to be deleted."""
    file = directory / "filler"
    with open(file, "wb") as filler:
        with contextlib.suppress(OSError):
            while (left := free_bytes(directory) - leave_bytes) > 0:
                filler.write(b"\0" * min(left, 1 << 20))
                filler.flush()
    return file
