"""Notebooks: their life, what is refused, and that nothing of them is lost."""

import base64
import json
import os
import threading
import uuid

import nbformat
import pytest
from nbformat import v4

from support import clients
from support.sessions import MOCK, every_page, idle_session, start_session, terminate
from test_work_groups import SPARK, assert_refused

MIB = 1 << 20
VERSION = "Athena notebook version 1"


def notebook_text(text="a notebook"):
    """A notebook as Jupyter writes it, with outputs of every kind and an image."""
    png = base64.encodebytes(os.urandom(3000)).decode()
    outputs = [
        v4.new_output("stream", name="stdout", text="1\n2\n"),
        v4.new_output("display_data", data={"image/png": png, "text/plain": "<Figure>"}),
        v4.new_output("execute_result", data={"text/html": "<b>é🦉</b>"}, execution_count=2),
        v4.new_output("error", ename="E", evalue="v", traceback=["\x1b[31mred\x1b[0m"]),
    ]
    cells = [
        v4.new_markdown_cell(f"# {text}\n\u2028 odd \\ \"characters\" / \t"),
        v4.new_code_cell("print(1)\nprint(2)", outputs=outputs, execution_count=2),
        v4.new_raw_cell("raw"),
    ]
    return nbformat.writes(v4.new_notebook(cells=cells))


def notebook_of_size(size):
    """Exactly as many characters, most of them in one cell."""
    frame = json.dumps(
        {
            "cells": [{"cell_type": "raw", "metadata": {}, "source": "%"}],
            "metadata": {},
            "nbformat": 4,
            "nbformat_minor": 4,
        }
    )
    return frame.replace("%", "x" * (size - len(frame) + 1))


def import_notebook(daemon, name, payload, work_group="primary", **members):
    answer = daemon.athena.import_notebook(
        WorkGroup=work_group, Name=name, Payload=payload, Type="IPYNB", **members
    )
    return answer["NotebookId"]


def export(daemon, notebook):
    return daemon.athena.export_notebook(NotebookId=notebook)["Payload"]


def metadata_of(daemon, notebook):
    return daemon.athena.get_notebook_metadata(NotebookId=notebook)["NotebookMetadata"]


def start_notebook_session(daemon, notebook):
    return idle_session(daemon.athena, {**MOCK, "NotebookId": notebook}, NotebookVersion=VERSION)


def notebook_sessions(daemon, notebook):
    listed = daemon.athena.list_notebook_sessions(NotebookId=notebook)["NotebookSessionsList"]
    return [each["SessionId"] for each in listed]


def test_a_notebooks_life(daemon):
    athena = daemon.athena
    first, second = notebook_text("first"), notebook_text("second")
    notebook = import_notebook(daemon, "Life", first)
    uuid.UUID(notebook)
    assert export(daemon, notebook) == first
    metadata = metadata_of(daemon, notebook)
    assert metadata["Name"] == "Life"
    assert metadata["WorkGroup"] == "primary"
    assert metadata["Type"] == "IPYNB"
    assert metadata["CreationTime"] == metadata["LastModifiedTime"]

    session = start_notebook_session(daemon, notebook)
    assert notebook_sessions(daemon, notebook) == [session]
    athena.update_notebook(
        NotebookId=notebook, Payload=second, Type="IPYNB", SessionId=session
    )
    assert export(daemon, notebook) == second
    terminate(athena, session)
    assert notebook_sessions(daemon, notebook) == []

    athena.update_notebook_metadata(NotebookId=notebook, Name="Renamed 🦉")
    exported = athena.export_notebook(NotebookId=notebook)
    assert exported["Payload"] == second
    assert exported["NotebookMetadata"]["Name"] == "Renamed 🦉"
    assert exported["NotebookMetadata"]["LastModifiedTime"] >= metadata["LastModifiedTime"]
    assert exported["NotebookMetadata"]["CreationTime"] == metadata["CreationTime"]

    assert set(athena.delete_notebook(NotebookId=notebook)) == {"ResponseMetadata"}
    for call in (
        lambda: athena.get_notebook_metadata(NotebookId=notebook),
        lambda: athena.export_notebook(NotebookId=notebook),
        lambda: athena.update_notebook(NotebookId=notebook, Payload=second, Type="IPYNB"),
        lambda: athena.update_notebook_metadata(NotebookId=notebook, Name="x"),
        lambda: athena.list_notebook_sessions(NotebookId=notebook),
        lambda: athena.delete_notebook(NotebookId=notebook),
    ):
        assert_refused(athena, f"Notebook {notebook} is not found.", call)


def test_created_notebook_is_empty_and_valid(daemon):
    notebook = daemon.athena.create_notebook(WorkGroup="primary", Name="Created")["NotebookId"]
    nbformat.validate(nbformat.reads(export(daemon, notebook), as_version=4))


def test_exported_notebook_is_the_imported_one_byte_for_byte(daemon):
    odd = notebook_text().replace("\n", "\r\n") + "\n\n  "
    notebook = import_notebook(daemon, "Bytes", odd)
    assert export(daemon, notebook).encode() == odd.encode()


def test_ten_mebibytes_are_taken_and_more_are_refused(daemon):
    largest = notebook_of_size(10 * MIB)
    notebook = import_notebook(daemon, "Large", largest)
    assert export(daemon, notebook) == largest
    assert_refused(
        daemon.athena,
        "1 validation error detected: Value at 'payload' failed to satisfy constraint: "
        "Member must have length less than or equal to 10485760",
        lambda: import_notebook(daemon, "Larger", notebook_of_size(10 * MIB + 1)),
    )


def test_ten_mebibytes_that_take_six_times_as_much_in_json_are_taken(daemon):
    # boto3 writes each of these as a surrogate pair, twelve bytes: "\\ud83e\\udd89".
    owls = notebook_of_size(5 * MIB).replace("x", "🦉")
    notebook = import_notebook(daemon, "Owls", owls)
    assert export(daemon, notebook) == owls


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        ("nonsense", "it is not JSON (at byte 2)."),
        ("[]", "it is not a JSON object."),
        ('{"nbformat":3,"nbformat_minor":0,"metadata":{}}', "nbformat is 3."),
        (
            '{"nbformat":4,"nbformat_minor":4,"metadata":{},"cells":[{"cell_type":"code"}]}',
            "cells[0].metadata is missing.",
        ),
    ],
)
def test_what_is_no_notebook_is_refused_and_named(daemon, payload, why):
    notebook = daemon.athena.create_notebook(WorkGroup="primary", Name=str(uuid.uuid4()))
    message = "The payload is not a notebook in nbformat 4: " + why
    assert_refused(daemon.athena, message, lambda: import_notebook(daemon, "No", payload))
    assert_refused(
        daemon.athena,
        message,
        lambda: daemon.athena.update_notebook(
            NotebookId=notebook["NotebookId"], Payload=payload, Type="IPYNB"
        ),
    )


def test_a_name_is_its_work_groups_only_one(daemon):
    athena = daemon.athena
    athena.create_work_group(Name="other", Configuration=SPARK)
    taken = import_notebook(daemon, "Taken", notebook_text())
    import_notebook(daemon, "Taken", notebook_text(), work_group="other")
    free = import_notebook(daemon, "Free", notebook_text())
    for call in (
        lambda: athena.create_notebook(WorkGroup="primary", Name="Taken"),
        lambda: import_notebook(daemon, "Taken", notebook_text()),
        lambda: athena.update_notebook_metadata(NotebookId=free, Name="Taken"),
    ):
        assert_refused(athena, "Notebook Taken already exists.", call)
    athena.delete_notebook(NotebookId=taken)
    athena.update_notebook_metadata(NotebookId=free, Name="Taken")


def test_one_of_two_racing_creates_wins(daemon):
    for i in range(20):
        outcomes, barrier = [], threading.Barrier(2)

        def create(name=f"race-{i}"):
            athena = clients.athena(daemon.url)
            barrier.wait()
            try:
                outcomes.append(athena.create_notebook(WorkGroup="primary", Name=name)["NotebookId"])
            except athena.exceptions.InvalidRequestException as refused:
                outcomes.append(refused.response["Error"]["Message"])

        threads = [threading.Thread(target=create) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        refused = f"Notebook race-{i} already exists."
        assert outcomes.count(refused) == 1, outcomes
        (created,) = [each for each in outcomes if each != refused]
        assert metadata_of(daemon, created)["Name"] == f"race-{i}"


def test_an_active_session_protects_its_notebook(daemon):
    athena = daemon.athena
    notebook = import_notebook(daemon, "Active", notebook_text())
    session = start_notebook_session(daemon, notebook)
    other = idle_session(athena, MOCK)
    update = {"NotebookId": notebook, "Payload": notebook_text(), "Type": "IPYNB"}
    required = f"Notebook {notebook} has an active session; SessionId must be {session}."
    assert_refused(athena, required, lambda: athena.update_notebook(**update))
    assert_refused(
        athena, required, lambda: athena.update_notebook(**update, SessionId=other)
    )
    active = f"Notebook {notebook} has an active session: {session}. Terminate it first."
    assert_refused(
        athena, active, lambda: athena.update_notebook_metadata(NotebookId=notebook, Name="x")
    )
    assert_refused(athena, active, lambda: athena.delete_notebook(NotebookId=notebook))
    with pytest.raises(athena.exceptions.SessionAlreadyExistsException):
        start_notebook_session(daemon, notebook)
    athena.update_notebook(**update, SessionId=session)
    terminate(athena, session)
    athena.delete_notebook(NotebookId=notebook)


def test_session_of_an_unknown_notebook_is_refused(daemon):
    unknown = str(uuid.uuid4())
    assert_refused(
        daemon.athena,
        f"Notebook {unknown} is not found.",
        lambda: start_session(
            daemon.athena, {**MOCK, "NotebookId": unknown}, NotebookVersion=VERSION
        ),
    )


def test_sessions_of_a_notebook_are_listed_newest_first_while_they_are_active(daemon):
    notebook = import_notebook(daemon, "Sessions", notebook_text())
    assert notebook_sessions(daemon, notebook) == []
    first = start_notebook_session(daemon, notebook)
    (summary,) = daemon.athena.list_notebook_sessions(NotebookId=notebook)["NotebookSessionsList"]
    started = daemon.athena.get_session(SessionId=first)["Status"]["StartDateTime"]
    assert summary == {"SessionId": first, "CreationTime": started}
    terminate(daemon.athena, first)
    second = start_notebook_session(daemon, notebook)
    assert notebook_sessions(daemon, notebook) == [second]


def test_lists_are_paged_newest_first_and_filtered(make_daemon):
    daemon = make_daemon()
    names = [f"{'even' if i % 2 == 0 else 'odd'}-{i}" for i in range(23)]
    for name in names:
        daemon.athena.create_notebook(WorkGroup="primary", Name=name)
    listing = daemon.athena.list_notebook_metadata

    def listed(**members):
        found, pages = every_page(
            listing, "NotebookMetadataList", WorkGroup="primary", **members
        )
        return [each["Name"] for each in found], pages

    assert listed() == (names[::-1], 1)
    assert listed(page_size=5) == (names[::-1], 5)
    assert listed(Filters={"Name": "even"}) == (names[::-1][::2], 1)
    assert listed(Filters={"Name": "odd"}, page_size=4) == (names[::-1][1::2], 3)
    assert listed(Filters={"Name": "nothing like it"}) == ([], 1)

    token = listing(WorkGroup="primary", MaxResults=10)["NextToken"]
    daemon.athena.create_notebook(WorkGroup="primary", Name="later")
    rest = listing(WorkGroup="primary", MaxResults=10, NextToken=token)["NotebookMetadataList"]
    assert [each["Name"] for each in rest] == names[::-1][10:20]
    assert_refused(
        daemon.athena,
        f"The nextPageToken is malformed: {token}",
        lambda: listing(WorkGroup="primary", Filters={"Name": "odd"}, NextToken=token),
    )


@pytest.mark.parametrize("work_group", ["nowhere", "sql-notebooks"])
def test_notebooks_need_a_spark_work_group(daemon, work_group):
    athena = daemon.athena
    if work_group == "sql-notebooks":
        athena.create_work_group(Name=work_group)
    message = (
        "WorkGroup is not found."
        if work_group == "nowhere"
        else "Workgroup EngineVersion is not Spark."
    )
    assert_refused(
        athena, message, lambda: athena.create_notebook(WorkGroup=work_group, Name="x")
    )


def test_tokens_of_notebooks_outlive_a_restart(make_daemon):
    daemon = make_daemon()
    payload = notebook_text()

    def requests(token):
        athena = daemon.athena
        return [
            lambda: athena.create_notebook(
                WorkGroup="primary", Name="a", ClientRequestToken=token
            )["NotebookId"],
            lambda: import_notebook(daemon, "b", payload, ClientRequestToken=token),
        ]

    token = str(uuid.uuid4())
    first = [request() for request in requests(token)]
    daemon.athena.update_notebook(
        NotebookId=first[0], Payload=payload, Type="IPYNB", ClientRequestToken=token
    )
    daemon.athena.update_notebook_metadata(
        NotebookId=first[0], Name="c", ClientRequestToken=token
    )
    daemon.kill()
    daemon.start()
    assert [request() for request in requests(token)] == first
    daemon.athena.update_notebook(
        NotebookId=first[0], Payload=payload, Type="IPYNB", ClientRequestToken=token
    )
    daemon.athena.update_notebook_metadata(
        NotebookId=first[0], Name="c", ClientRequestToken=token
    )
    assert metadata_of(daemon, first[0])["Name"] == "c"
    assert export(daemon, first[0]) == payload
    with pytest.raises(daemon.athena.exceptions.InvalidRequestException) as refused:
        daemon.athena.create_notebook(WorkGroup="primary", Name="z", ClientRequestToken=token)
    assert refused.value.response["AthenaErrorCode"] == "IDEMPOTENT_PARAMETER_MISMATCH"
