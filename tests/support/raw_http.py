"""HTTP by hand, for requests that no well-behaved client would send."""

import json
import socket
from dataclasses import dataclass

TIMEOUT_S = 60
AMZ_JSON = "application/x-amz-json-1.1"


@dataclass
class Answer:
    status: int
    headers: dict  # names in lower case
    body: bytes

    def json(self):
        return json.loads(self.body)


class Connection:
    """One connection; sends bytes as they are given and reads answers one by one."""

    def __init__(self, daemon):
        self._socket = socket.create_connection(("127.0.0.1", daemon.port), timeout=TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send(self, data):
        """False if the daemon has closed the connection meanwhile."""
        try:
            self._socket.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def read_answer(self):
        """The next answer, interim ones (100) included. None: the connection was closed."""
        head = self._read_until(b"\r\n\r\n")
        if head is None:
            return None
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        headers = {}
        for line in lines[1:]:
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
        body = self._read_exactly(int(headers.get("content-length", 0)))
        return Answer(status, headers, body)

    def is_closed(self):
        """Waits for the daemon to close the connection."""
        try:
            while data := self._socket.recv(1 << 16):
                self._received += data
            return True
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False

    def _read_until(self, end):
        while end not in self._received:
            try:
                data = self._socket.recv(1 << 16)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self._received += data
        head, self._received = self._received.split(end, 1)
        return head

    def _read_exactly(self, size):
        while len(self._received) < size:
            data = self._socket.recv(1 << 16)
            assert data, "the connection ended within a body"
            self._received += data
        body, self._received = self._received[:size], self._received[size:]
        return body


def request_head(operation, extra_headers=(), content_type=AMZ_JSON):
    """The head of an API request up to its framing, which is what tests are about."""
    lines = ["POST / HTTP/1.1", "Host: localhost"]
    if content_type is not None:
        lines.append(f"Content-Type: {content_type}")
    if operation is not None:
        lines.append(f"X-Amz-Target: AmazonAthena.{operation}")
    lines += extra_headers
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def exchange(daemon, data):
    """Sends bytes and returns the answer, None if the connection was closed instead."""
    with Connection(daemon) as connection:
        connection.send(data)
        return connection.read_answer()


def call(daemon, operation, body=b"{}", content_type=AMZ_JSON, extra_headers=()):
    """One API request with any body: bytes, or something that becomes JSON."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    headers = [f"Content-Length: {len(body)}", *extra_headers]
    return exchange(daemon, request_head(operation, headers, content_type) + body)
