"""A process that has nothing to do with glaux, and tells whether anybody sent it a signal."""

import os
import select
import subprocess
import sys
from pathlib import Path

# What cannot be caught shows in that it has ended, or stands still.
SCRIPT = """
import os, signal
caught = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}
signal.pthread_sigmask(signal.SIG_BLOCK, caught)
os.write(1, b"ready\\n")
while True:
    got = signal.sigwaitinfo(caught)
    os.write(1, f"signal {got.si_signo} from process {got.si_pid}\\n".encode())
"""
START_TIMEOUT_S = 30


class Stranger:
    """Leads a process session of its own, as an executor does: who takes it for one hits it."""

    def __enter__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, start_new_session=True
        )
        ready = self._said(START_TIMEOUT_S)
        if ready != b"ready\n":
            self.__exit__()
            raise AssertionError(f"the stranger said {ready}")
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    @property
    def pid(self):
        return self._process.pid

    @property
    def start_time_ticks(self):
        return int(self._stat()[19])

    def assert_never_signalled(self):
        assert self._said(0) == b""
        assert self._process.poll() is None, "it was killed"
        assert self._stat()[0] == "S", "it waits"

    def _said(self, timeout_s):
        ready, _, _ = select.select([self._process.stdout], [], [], timeout_s)
        return os.read(self._process.stdout.fileno(), 4096) if ready else b""

    def _stat(self):
        """proc(5), from the state on."""
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
