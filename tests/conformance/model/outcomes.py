"""What a request has to be answered with; each says in problems() how an answer fails that.

problems(status, body) gets answers that answers.problems() has nothing against.
"""

import re
from dataclasses import dataclass

INVALID = "InvalidRequestException"
NOT_FOUND = "ResourceNotFoundException"
SERIALIZATION = "SerializationException"

VALIDATION = re.compile(r"(\d+) validation errors? detected: (.*)", re.DOTALL)


def is_validation_error(body):
    return VALIDATION.fullmatch(body.get("Message", "")) is not None


class Accepted:
    def __repr__(self):
        return "200"

    def problems(self, status, body):
        return [] if status == 200 else ["refused"]


@dataclass(frozen=True)
class Refused:
    """For a reason the model does not know. A message of None: no source says its wording."""

    message: str | None = None
    type: str = INVALID
    code: str | None = "INVALID_INPUT"

    def problems(self, status, body):
        if status == 200:
            return ["accepted"]
        found = []
        if body["__type"] != self.type:
            found.append("another error")
        if self.message is not None and body.get("Message") != self.message:
            found.append("another message")
        if self.message is None and is_validation_error(body):
            found.append("no constraint of the model is violated")
        if self.type == INVALID and self.code and body.get("AthenaErrorCode") != self.code:
            found.append(f"AthenaErrorCode is not {self.code}")
        if self.type == NOT_FOUND and "ResourceName" not in body:
            found.append("there is no ResourceName")
        return found


@dataclass(frozen=True)
class Either:
    """The constraints hold; what more is asked no source says."""

    outcomes: tuple

    def problems(self, status, body):
        results = [outcome.problems(status, body) for outcome in self.outcomes]
        return [] if any(not result for result in results) else results[0]


@dataclass(frozen=True)
class Malformed:
    """A SerializationException. A message of None: there must be none."""

    message: str | None = None

    def problems(self, status, body):
        if status == 200:
            return ["accepted"]
        found = []
        if body["__type"] != SERIALIZATION:
            found.append("another error")
        if body.get("Message") != self.message:
            found.append("another message")
        return found


@dataclass(frozen=True)
class Violates:
    violations: tuple

    def __repr__(self):
        return f"Violates({'; '.join(each.sentence() for each in self.violations)[:600]})"

    def problems(self, status, body):
        if status == 200:
            return ["accepted"]
        told = VALIDATION.fullmatch(body.get("Message", ""))
        if body["__type"] != INVALID or not told:
            return ["not an InvalidRequestException about constraints"]
        found = [] if body.get("AthenaErrorCode") == "INVALID_INPUT" else ["another code"]
        number, sentences = int(told[1]), re.split(r"; (?=Value )", told[2])
        plural = "" if number == 1 else "s"
        if not body["Message"].startswith(f"{number} validation error{plural} detected: "):
            found.append("singular and plural are mixed up")
        if number != len(self.violations) or number != len(sentences):
            found.append(f"{len(self.violations)} violations expected")
        for violation in self.violations:
            if not any(violation.is_told_by(sentence) for sentence in sentences):
                found.append(f"not told: {violation.sentence()}")
        return found


@dataclass(frozen=True)
class Unestablished:
    """Refused, but no source says whether as a wrong type or as a violated constraint."""

    def problems(self, status, body):
        if status == 200:
            return ["accepted"]
        return [] if body["__type"] in (SERIALIZATION, INVALID) else ["another error"]


ACCEPTED = Accepted()
ACCEPTED_OR_REFUSED = Either((ACCEPTED, Refused()))
UNSAID = Either((ACCEPTED, Unestablished()))
ACCEPTED_OR_MALFORMED = Either((ACCEPTED, Malformed()))
