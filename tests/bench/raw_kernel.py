"""ipykernel started and spoken to by hand, over raw ZeroMQ: what a session is compared with."""

import json
import subprocess
import sys

import zmq
from jupyter_client.session import Session

PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


class RawKernel:
    """Constructing starts the kernel and waits until it has answered kernel_info_request. The
    command is that of a Python, which sees the (empty) directory as `inside`."""

    def __init__(self, directory, command=(sys.executable,), inside=None, environment=None):
        inside = inside or directory
        connection = {"transport": "ipc", "ip": f"{inside}/k", "key": "bench",
                      "signature_scheme": "hmac-sha256"}
        connection |= {name: number for number, name in enumerate(PORTS, 1)}
        (directory / "connection.json").write_text(json.dumps(connection))
        self._process = subprocess.Popen(
            [*command, "-m", "ipykernel_launcher", "-f", f"{inside}/connection.json"],
            cwd=directory, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._session = Session(key=b"bench")
        self._context = zmq.Context()
        self._iopub = self._connect(zmq.SUB, directory, 2)
        self._iopub.subscribe(b"")
        self._shell = self._connect(zmq.DEALER, directory, 1)
        self._request("kernel_info_request", {})

    def execute(self, code):
        """Returns once the code has been answered for and the kernel is idle again."""
        request = self._request("execute_request", {"code": code, "silent": False})
        while not self._is_idle_after(request):
            pass

    def close(self):
        self._process.kill()
        self._process.wait()
        self._context.destroy(linger=0)

    def _connect(self, kind, directory, port):
        socket = self._context.socket(kind)
        socket.setsockopt(zmq.RECONNECT_IVL, 1)
        socket.connect(f"ipc://{directory}/k-{port}")
        return socket

    def _request(self, message_type, content):
        request = self._session.send(self._shell, message_type, content)
        _, reply = self._session.recv(self._shell, mode=0)
        assert reply["parent_header"]["msg_id"] == request["header"]["msg_id"]
        return request["header"]["msg_id"]

    def _is_idle_after(self, request):
        _, message = self._session.recv(self._iopub, mode=0)
        return (
            message["msg_type"] == "status"
            and message["parent_header"].get("msg_id") == request
            and message["content"]["execution_state"] == "idle"
        )
