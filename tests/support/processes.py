"""The processes of a session, as the machine knows them: in a container, code sees other numbers."""

import json
import os
from pathlib import Path

KERNEL = ["-m", "ipykernel_launcher"]


def executor_of(daemon, session):
    identity = daemon.state_dir / "sessions" / session / "identity.json"
    return json.loads(identity.read_text())["pid"]


def kernel_of(session):
    [pid] = [pid for pid in labelled(session) if words_of(pid)[1:3] == KERNEL]
    return pid


def labelled(session):
    """What runs a session's code, and what that code has started."""
    label = f"GLAUX_SESSION_ID={session}"
    return [pid for pid in every_pid() if label in content_of(pid, "environ")]


def is_running(pid):
    """A zombie does not: whoever inherits it reaps it when it likes."""
    after_name = "".join(content_of(pid, "stat")).rpartition(")")[2].split()
    return bool(after_name) and after_name[0] != "Z"


def words_of(pid):
    return content_of(pid, "cmdline")


def every_pid():
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


def content_of(pid, name):
    """The strings of a file of /proc, none if the process has ended."""
    try:
        return Path(f"/proc/{pid}/{name}").read_text(errors="replace").split("\0")
    except OSError:
        return []
