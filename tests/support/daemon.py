"""One glauxd with a state directory of its own, on a port the system chose."""

import functools
import json
import os
import re
import select
import signal
import subprocess
import tempfile
import urllib.request
from pathlib import Path

from support import build, clients
from support.waiting import wait_until

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 60
LOG_MAX = 1 << 20
SANITIZERS = ("ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS")
SANITIZER_REPORT = re.compile(
    r"(AddressSanitizer|LeakSanitizer|ThreadSanitizer|UndefinedBehaviorSanitizer|runtime error:)"
)


def environment(extra=None):
    """Ours without settings of glaux: what GLAUX_BUILD means to tests, glauxd would refuse."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GLAUX_")}
    return {**clean, **(extra or {})}


def sanitizer_options(report):
    """Variables that make sanitizers write to files: executors have no stderr of their own."""
    wanted = f"log_path={report}:print_stacktrace=1"
    return {
        name: ":".join(filter(None, [os.environ.get(name), wanted])) for name in SANITIZERS
    }


def run_glauxd(*arguments, env=None, timeout_s=START_TIMEOUT_S):
    """Runs glauxd to its end, for starts that are refused and verbs that only print."""
    ran = subprocess.run(
        [build.GLAUXD, *map(str, arguments)],
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    assert not SANITIZER_REPORT.search(ran.stderr), ran.stderr
    return ran


def flags(settings):
    """{"http.idle_timeout_s": 1} as ["--http-idle-timeout-s", "1"]."""
    words = []
    for name, value in settings.items():
        words += ["--" + re.sub(r"[._]", "-", name), str(value)]
    return words


class Daemon:
    """Started in the constructor. Use as a context manager: the end stops it, in order if nothing
    failed, and no process of its sessions outlives it."""

    running = []  # for the report of a failed test

    # Settings of every daemon that is not given others: GLAUX_TEST_EXECUTOR names an executor that
    # shall run what would otherwise run as a process.
    defaults = {"settings": {}, "file": {}}

    def __init__(self, state_dir=None, settings=None, env=None, file=None):
        self._directory = tempfile.TemporaryDirectory(prefix="glaux-", ignore_cleanup_errors=True)
        own = Path(self._directory.name)
        self.state_dir = Path(state_dir or own / "state")
        self._sanitizer_report = own / "sanitizer"  # and .<pid>
        self.settings = {**Daemon.defaults["settings"], **(settings or {})}
        self._file = own / "glaux.json"
        self.write_file(Daemon.defaults["file"] if file is None else file)
        self.env = dict(env or {})
        self._log = tempfile.TemporaryFile(prefix="glauxd-log-")
        self.process = None
        self.url = None
        Daemon.running.append(self)
        self.start()

    # ---- its life

    def write_file(self, file):
        """The settings file, for settings that are no flags; read at the next start or reload."""
        self.has_file = bool(file)
        self._file.write_text(json.dumps(file))

    def spawn(self):
        """Starts it and does not wait until it listens."""
        assert self.process is None
        command = [build.GLAUXD, "--state-dir", self.state_dir, "--listen", "127.0.0.1:0"]
        if self.has_file:
            command += ["--config", self._file]
        self.process = subprocess.Popen(
            [*command, *flags(self.settings)],
            env=environment({**sanitizer_options(self._sanitizer_report), **self.env}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def wait_until_listening(self):
        has_said, _, _ = select.select([self.process.stdout], [], [], START_TIMEOUT_S)
        if not has_said:
            self._end()
            raise AssertionError(f"glauxd said nothing for {START_TIMEOUT_S} s:\n{self.log()}")
        line = self.process.stdout.readline()
        ready = re.fullmatch(r"glauxd is listening on (http://127\.0\.0\.1:(\d+))\n", line)
        if not ready:
            code = self.wait(START_TIMEOUT_S)
            raise AssertionError(f"glauxd did not start (exit {code}):\n{self.log()}")
        self.url, self.port = ready[1], int(ready[2])
        self.__dict__.pop("athena", None)
        self.__dict__.pop("s3", None)

    def start(self):
        self.spawn()
        self.wait_until_listening()

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout_s=STOP_TIMEOUT_S):
        """Its exit code, once it has ended by itself."""
        code = self.process.wait(timeout_s)
        self.process.stdout.close()
        self.process = None
        return code

    def stop(self):
        """In order: SIGTERM, exit code 0, and no sanitizer has anything to say."""
        self.signal(signal.SIGTERM)
        code = self.wait()
        assert code == 0, f"glauxd ended with {code}:\n{self.log()}"
        self.assert_no_sanitizer_report()

    def kill(self):
        """kill -9, of a daemon that has not ended by itself."""
        assert self.process.poll() is None, f"glauxd ended by itself:\n{self.log()}"
        self._end()

    def _end(self):
        self.process.kill()
        self.wait()

    def restart(self):
        self.stop()
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        try:
            if self.process is not None:
                self.stop() if failed is None else self._end()
            self.assert_no_sanitizer_report()
        finally:
            if self.process is not None:
                self._end()
            self.end_leftovers()
            Daemon.running.remove(self)
            self._log.close()
            self._directory.cleanup()

    def end_leftovers(self):
        """Kills what still works in the state directory: executors that a killed daemon left."""
        for pid in self.session_processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def session_processes(self, session=None):
        """The processes whose working directory is in the state directory, or in that session's:
        executors, kernels."""
        inside = str(self.state_dir.resolve()) + "/"
        if session is not None:
            inside += f"sessions/{session}"
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                where = os.readlink(entry / "cwd")
            except OSError:
                continue
            if where.startswith(inside):
                found.append(int(entry.name))
        return found

    # ---- what it says

    def log(self):
        """Its stderr so far, of all its lives; the last MiB if that is much."""
        log = self._log.fileno()
        skip = max(0, os.fstat(log).st_size - LOG_MAX)
        return os.pread(log, LOG_MAX, skip).decode(errors="replace")

    def log_lines_with(self, text):
        return [line for line in self.log().splitlines() if text in line]

    def assert_no_sanitizer_report(self):
        """Neither of the daemon nor of an executor."""
        reports = sorted(self._sanitizer_report.parent.glob(self._sanitizer_report.name + "*"))
        text = "\n".join(file.read_text(errors="replace") for file in reports)
        assert not text, f"a sanitizer reports:\n{text}"

    # ---- ways to talk to it

    @functools.cached_property
    def athena(self):
        return clients.athena(self.url)

    @functools.cached_property
    def s3(self):
        return clients.s3(self.url)

    def aws(self, *arguments):
        return clients.aws(self.url, *arguments)

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=30) as response:
            return response.read().decode()

    def metrics(self):
        """{"glaux_sessions{state=\\"IDLE\\"}": 1.0, …}"""
        samples = {}
        for line in self.get("/metrics").splitlines():
            if line and not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                samples[name] = float(value)
        return samples

    def wait_for_metric(self, name, value):
        return wait_until(lambda: self.metrics().get(name, 0) == value, f"{name} {value}")


