"""A glauxd to measure, and a client for what happens between the measurements."""

import contextlib
import http.client
import json
import os
import re
import select
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("GLAUX_BUILD", REPOSITORY / "build/release")).resolve()

# glauxd takes every GLAUX_… for a setting; those of the tests are none.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("GLAUX_")}

AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/athena/aws4_request, "
    "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=" + "0" * 64
)


def tool(name):
    return str(BUILD / "bin" / name)


class Glauxd:
    """Runs while the `with` block does; killed at its end unless stopped before."""

    def __init__(self, state_dir, *flags):
        command = [tool("glauxd"), "--state-dir", str(state_dir), "--listen", "127.0.0.1:0"]
        self._state_dir = Path(state_dir).resolve()
        self._log = Path(f"{state_dir}.log").open("wb")
        began = time.monotonic()
        self._process = subprocess.Popen(
            [*command, *flags], stdout=subprocess.PIPE, stderr=self._log, env=ENVIRONMENT
        )
        select.select([self._process.stdout], [], [], 300)
        line = self._process.stdout.readline().decode()
        self.start_s = time.monotonic() - began
        if "listening" not in line:
            raise RuntimeError(f"glauxd did not start; see {self._log.name}")
        self.port = int(line.rsplit(":", 1)[1])
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    @property
    def pid(self):
        return self._process.pid

    def kill(self):
        self._end(signal.SIGKILL)

    def stop(self):
        self._end(signal.SIGTERM)

    def resident_mib(self):
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def cache_mib(self):
        """Of that: what the databases hold in write buffers and caches."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics") as metrics:
            (line,) = re.findall(r"^glaux_journal_memory_bytes (\S+)", metrics.read().decode(), re.M)
        return float(line) / (1 << 20)

    def call(self, operation, **members):
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "AmazonAthena." + operation,
            "Authorization": AUTHORIZATION,
        }
        self._connection.request("POST", "/", json.dumps(members), headers)
        response = self._connection.getresponse()
        body = json.loads(response.read())
        if response.status != 200:
            raise RuntimeError(f"{operation}: {body}")
        return body

    def start_session(self, executor):
        return self.call("StartSession", **session_request(executor))["SessionId"]

    def wait_until_idle(self, session):
        poll(self.port, "GetSessionStatus", {"SessionId": session}, "IDLE")

    def end_session(self, session):
        """Waits: its kernel must not take the processor from the next one."""
        self.call("TerminateSession", SessionId=session)
        while self.call("GetSession", SessionId=session)["Status"]["State"] != "TERMINATED":
            time.sleep(0.01)

    def _end(self, how):
        if self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(60)
        self._end_executors()
        self._connection.close()
        self._process.stdout.close()
        self._log.close()

    def _end_executors(self):
        """They would wait a while for a daemon that comes back, beside the next measurement."""
        while executors := [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc")))
                            if self._state_dir in _working_directory(pid).parents]:
            for pid in executors:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)


def _working_directory(pid):
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd"))
    except OSError:  # it has ended
        return Path()


class KeepAlive:
    """One connection that costs little: asking shall not take the processor from what answers."""

    def __init__(self, port):
        self._connection = socket.create_connection(("127.0.0.1", port))
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._connection.close()

    def call(self, operation, **members):
        return json.loads(self.ask(request_bytes(operation, members)).partition(b"\r\n\r\n")[2])

    def ask(self, request):
        """The answer, head and body."""
        self._connection.sendall(request)
        answer = self._connection.recv(65536)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(answer.decode())
        head, _, body = answer.partition(b"\r\n\r\n")
        length = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
        missing = length - len(body)
        while missing > 0:
            more = self._connection.recv(missing)
            answer += more
            missing -= len(more)
        return answer


def request_bytes(operation, members):
    body = json.dumps(members)
    return (
        f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-Target: AmazonAthena.{operation}\r\n"
        f"Content-Type: application/x-amz-json-1.1\r\nAuthorization: {AUTHORIZATION}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def poll(port, operation, members, awaited):
    """Asks each millisecond until the answer's State is the awaited one."""
    request = request_bytes(operation, members)
    found, ended = f'"State":"{awaited}"'.encode(), (b'"State":"FAILED"', b'"State":"TERMINATED"')
    with KeepAlive(port) as connection:
        while True:
            answer = connection.ask(request)
            if found in answer:
                return
            if any(state in answer for state in ended):
                raise RuntimeError(f"{awaited} was awaited: {answer.decode()}")
            time.sleep(0.001)


def session_request(executor):
    configuration = {"MaxConcurrentDpus": 2, "AdditionalConfigs": {"glaux.executor": executor}}
    return {"WorkGroup": "primary", "EngineConfiguration": configuration}
