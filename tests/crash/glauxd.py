"""A glauxd under test, and a client that speaks to it with nothing between them and the wire."""

import http.client
import json
import os
import select
import signal
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("GLAUX_BUILD", REPOSITORY / "build/release")).resolve()

# glauxd takes every GLAUX_… for a setting; those of the tests are none.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("GLAUX_")}

START_LIMIT_S = 30
STOP_LIMIT_S = 30


class Glauxd:
    """One state directory, and the daemons that run on it one after the other."""

    def __init__(self, state_dir, *flags):
        self.state_dir = Path(state_dir)
        self.flags = flags
        self.port = None
        self.log_path = self.state_dir.with_suffix(".log")
        self._process = None

    def spawn(self):
        """Starts a daemon and does not wait until it listens."""
        command = [BUILD / "bin/glauxd", "--state-dir", self.state_dir, "--listen", "127.0.0.1:0"]
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [*map(str, command), *self.flags],
                stdout=subprocess.PIPE,
                stderr=log,
                env=ENVIRONMENT,
            )

    def start(self):
        self.spawn()
        ready, _, _ = select.select([self._process.stdout], [], [], START_LIMIT_S)
        line = self._process.stdout.readline().decode() if ready else ""
        assert "listening on" in line, f"glauxd did not start: {line!r}\n{self.log_tail()}"
        self.port = int(line.rsplit(":", 1)[1])

    def kill(self):
        """kill -9."""
        assert self._process.poll() is None, f"glauxd ended by itself\n{self.log_tail()}"
        self._process.kill()
        self._reap()

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        assert self._reap() == 0, f"glauxd did not stop in order\n{self.log_tail()}"

    def is_running(self):
        return self._process is not None and self._process.poll() is None

    def log_tail(self):
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-30:])

    def processes(self):
        """Ids of what works in one of our session directories: executors and what they started."""
        sessions = str(self.state_dir / "sessions")
        return {pid for pid, cwd in _working_directories() if cwd.startswith(sessions)}

    def end_executors(self):
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def _reap(self):
        status = self._process.wait(STOP_LIMIT_S)
        self._process.stdout.close()
        return status


def _working_directories():
    for process in Path("/proc").glob("[0-9]*"):
        try:
            yield int(process.name), os.readlink(process / "cwd")
        except OSError:  # it has ended, is a zombie, or is not ours
            continue


class Refused(Exception):
    """The daemon's answer to a command it will not carry out."""

    def __init__(self, status, body):
        super().__init__(f"{status} {body}")
        self.status = status
        self.message = body.get("Message", "")


class Unreachable(Exception):
    """The daemon died before its answer was complete."""


class Client:
    """One keep-alive connection."""

    def __init__(self, port):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)

    def call(self, operation, **members):
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "AmazonAthena." + operation,
            "Authorization": "AWS4-HMAC-SHA256 "
            "Credential=CRASHTEST/20260101/us-east-1/athena/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=" + "0" * 64,
        }
        try:
            self._connection.request("POST", "/", json.dumps(members), headers)
            response = self._connection.getresponse()
            body = json.loads(response.read())
        except TimeoutError:
            raise
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(str(error)) from error
        if response.status != 200:
            raise Refused(response.status, body)
        return body

    def close(self):
        self._connection.close()
