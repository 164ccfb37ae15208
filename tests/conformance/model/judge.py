"""Sends requests one by one and holds every answer against the model and what was expected."""

import http.client
import json
from dataclasses import dataclass

from model import answers, bodies
from model.outcomes import ACCEPTED
from support.raw_http import AMZ_JSON, TIMEOUT_S, Answer

SHOWN = 700


@dataclass(frozen=True)
class Finding:
    operation: str
    case: str
    expected: str
    problems: list
    request: str
    answer: str

    def __str__(self):
        return "\n".join(
            [
                f"{self.operation} — {self.case}: {'; '.join(self.problems)[:SHOWN]}",
                f"  request:  {self.request}",
                f"  answer:   {self.answer}",
                f"  expected: {self.expected[:SHOWN]}",
            ]
        )


def _shortened(data):
    text = data.decode(errors="backslashreplace")
    if len(text) <= SHOWN:
        return text
    return f"{text[: SHOWN // 2]} … ({len(text)} characters) … {text[-SHOWN // 2 :]}"


class Judge:
    def __init__(self, port):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
        self.requests = 0
        self.case = "preparation"
        self.findings = []

    def send(self, operation, body):
        """The answer; None if there was none."""
        self.requests += 1
        target = {"Content-Type": AMZ_JSON, "X-Amz-Target": f"AmazonAthena.{operation}"}
        try:
            self._connection.request("POST", "/", body, target)
            response = self._connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, headers, response.read())
        except (http.client.HTTPException, OSError):
            self.close()  # the next request opens it again
            return None

    def close(self):
        self._connection.close()

    def ask(self, operation, request, expected=ACCEPTED, body=None):
        """The answer's body if it is a proper success; what is wrong with it is a finding."""
        body = bodies.encode(request) if body is None else body
        answer = self.send(operation, body)
        if answer is None:
            problems = ["no answer"]
        else:
            problems = answers.problems(operation, answer)
        if not problems:
            problems = expected.problems(answer.status, answer.json())
        if problems:
            self._find(operation, repr(expected), problems, body, answer)
            return None
        return answer.json() if answer.status == 200 else None

    def expect(self, operation, holds, problem, request, answer):
        """For what two answers say together."""
        if not holds:
            raw = Answer(200, {}, json.dumps(answer).encode())
            self._find(operation, "", [problem], bodies.encode(request), raw)

    def need(self, operation, request):
        """For preparations: without a success nothing that follows makes sense."""
        found = len(self.findings)
        answer = self.ask(operation, request)
        if answer is None:
            findings, self.findings[found:] = self.findings[found:], []
            raise AssertionError("a preparation failed\n" + "\n".join(map(str, findings)))
        return answer

    def _find(self, operation, expected, problems, body, answer):
        got = "the connection was closed"
        if answer is not None:
            got = f"{answer.status} {_shortened(answer.body)}"
        finding = Finding(operation, self.case, expected, problems, _shortened(body), got)
        self.findings.append(finding)
