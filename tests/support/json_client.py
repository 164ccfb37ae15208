"""A client with nothing between it and the wire, for tests that send thousands of requests or lose
the daemon in the middle of one. The stock clients are in clients.py."""

import http.client
import json

AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=CRASHTEST/20260101/us-east-1/athena/aws4_request, "
    "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=" + "0" * 64
)
TIMEOUT_S = 60


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
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def call(self, operation, **members):
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "AmazonAthena." + operation,
            "Authorization": AUTHORIZATION,
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
