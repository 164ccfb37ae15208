"""Code blocks and notebooks that stand in objects: s3:// URIs, read when the request comes in."""

import uuid

import pytest

from support.raw_http import call
from support.sessions import (
    calculation_status,
    get_calculation,
    idle_session,
    new_token,
    run,
    start_calculation,
    stderr_of,
    stdout_of,
    wait_for_end,
    wait_for_session,
)
from test_notebooks import export, notebook_text
from test_work_groups import SPARK


@pytest.fixture(scope="module")
def session(daemon):
    return idle_session(daemon.athena)


def put(daemon, key, body):
    daemon.s3.put_object(Bucket="code", Key=key, Body=body)
    return f"s3://code/{key}"


def code_of(daemon, calculation):
    return daemon.athena.get_calculation_execution_code(CalculationExecutionId=calculation)[
        "CodeBlock"
    ]


def test_code_in_an_object_runs(daemon, session):
    code = "import sys\nprint('é🦉', len(sys.argv))\n"
    uri = put(daemon, "a/b c.py", code.encode())
    ended = run(daemon, session, uri)
    assert ended["Status"]["State"] == "COMPLETED", stderr_of(daemon, ended)
    assert stdout_of(daemon, ended).startswith("é🦉 ")
    assert code_of(daemon, ended["CalculationExecutionId"]) == code


def test_longer_code_than_a_block_may_be_runs_from_an_object(daemon, session):
    code = "x = 0\n" + "x += 1\n" * 20_000 + "print(x)\n"
    assert len(code) > 68_000
    ended = run(daemon, session, put(daemon, "long.py", code.encode()))
    assert stdout_of(daemon, ended) == "20000\n"
    assert code_of(daemon, ended["CalculationExecutionId"]) == code


def test_what_the_object_held_when_it_was_asked_for_is_what_runs(make_daemon):
    daemon = make_daemon()
    mode = {"AdditionalConfiguration": '{"CalculationMode":"queue"}'}
    daemon.athena.create_work_group(Name="queue", Configuration={**SPARK, **mode})
    session = idle_session(daemon.athena, work_group="queue")
    uri = put(daemon, "changing.py", b"print('first')")
    running = start_calculation(daemon.athena, session, "import time; time.sleep(1)")
    queued = start_calculation(daemon.athena, session, uri)
    assert calculation_status(daemon.athena, queued)["State"] == "QUEUED"
    put(daemon, "changing.py", b"print('second')")
    ended = wait_for_end(daemon.athena, queued)
    assert get_calculation(daemon.athena, running)["Status"]["State"] == "COMPLETED"
    assert stdout_of(daemon, ended) == "first\n"
    assert code_of(daemon, queued) == "print('first')"
    daemon.kill()
    daemon.s3.close()
    daemon.start()
    assert code_of(daemon, queued) == "print('first')"


@pytest.mark.parametrize(
    ("key", "body", "why"),
    [
        ("missing.py", None, "missing.py"),
        ("binary.py", b"\xff\xfe\x00", "it is not UTF-8 text"),
        ("large.py", b"#" * (10 * (1 << 20) + 1), "large.py"),
    ],
)
def test_unreadable_code_is_refused_and_named(daemon, session, key, body, why):
    uri = put(daemon, key, body) if body else f"s3://code/{key}"
    with pytest.raises(daemon.athena.exceptions.InvalidRequestException) as refused:
        start_calculation(daemon.athena, session, uri)
    message = refused.value.response["Error"]["Message"]
    assert message.startswith(f"The code block {uri} cannot be read: ")
    assert why in message
    wait_for_session(daemon.athena, session, "IDLE")


def test_code_that_only_mentions_a_uri_is_code(daemon, session):
    ended = run(daemon, session, "print('s3://code/a.py')")
    assert stdout_of(daemon, ended) == "s3://code/a.py\n"


def test_the_same_token_is_the_same_request_whatever_became_of_the_object(daemon, session):
    token = new_token()
    uri = put(daemon, "token.py", b"print('once')")
    first = start_calculation(daemon.athena, session, uri, ClientRequestToken=token)
    wait_for_end(daemon.athena, first)
    wait_for_session(daemon.athena, session, "IDLE")
    daemon.s3.delete_object(Bucket="code", Key="token.py")
    assert start_calculation(daemon.athena, session, uri, ClientRequestToken=token) == first


def test_notebook_is_imported_from_an_object(daemon):
    payload = notebook_text()
    uri = put(daemon, "n.ipynb", payload.encode())
    notebook = import_from(daemon, uri)
    assert export(daemon, notebook) == payload


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "Exactly one of Payload and NotebookS3LocationUri is required."),
        (
            {"Payload": "{}", "NotebookS3LocationUri": "s3://code/n.ipynb"},
            "Exactly one of Payload and NotebookS3LocationUri is required.",
        ),
        (
            {"NotebookS3LocationUri": "https://code/n.ipynb"},
            "The notebook https://code/n.ipynb cannot be read: it is not an s3:// URI.",
        ),
    ],
)
def test_notebook_comes_from_one_place(daemon, members, message):
    request = {"WorkGroup": "primary", "Name": "one place", "Type": "IPYNB", **members}
    answer = call(daemon, "ImportNotebook", request)
    assert answer.status == 400
    assert answer.json()["__type"] == "InvalidRequestException"
    assert answer.json()["Message"] == message


def import_from(daemon, uri):
    """ImportNotebook with a member that Debian's boto3 does not know yet."""
    request = {"WorkGroup": "primary", "Name": str(uuid.uuid4()), "Type": "IPYNB"}
    request["NotebookS3LocationUri"] = uri
    answer = call(daemon, "ImportNotebook", request)
    assert answer.status == 200, answer
    return answer.json()["NotebookId"]
