"""Notebooks."""

import json
import uuid

from model import values
from model.cases import KEEP
from model.operations import (
    WORK_GROUP_EXISTS,
    Row,
    Special,
    known,
    page_token,
    pages,
    read_back,
    replay,
    when,
)
from model.outcomes import ACCEPTED, ACCEPTED_OR_REFUSED, Refused
from model.world import SPARK_GROUP, UNKNOWN, notebook

PAYLOAD_MAX = 10_485_760
NOTEBOOK_EXISTS = known("NotebookId", "notebooks")
UNKNOWN_NOTEBOOK = Special(
    "an unknown notebook", lambda w, r: {**r, "NotebookId": UNKNOWN}, Refused()
)
TAKEN_NAME = Special(
    "the name of another notebook",
    lambda w, r: {**r, "Name": w.notebook and "a notebook"},
    Refused(),
)
OPEN_NOTEBOOK = Special(
    "a notebook with a session", lambda w, r: {**r, "NotebookId": w.open_notebook}, Refused()
)


def is_notebook(text):
    """As far as this suite makes notebooks, or texts that are none."""
    try:
        document = json.loads(text)
    except ValueError:
        return False
    return isinstance(document, dict) and document.get("nbformat") == 4


def payload_is_a_notebook(_, request):
    payload = request.get("Payload")
    return Refused() if payload is None or not is_notebook(payload) else None


def any_notebook(rng):
    return notebook("".join(rng.choices(values.POOL, k=rng.randint(0, 2000))))


def new_name(kind):
    return f"{kind} {uuid.uuid4()}"


def largest(of):
    """The limit is one of characters, however many bytes JSON makes of each."""
    room = PAYLOAD_MAX - len(notebook(""))
    return lambda world, request: {**request, "Payload": notebook(of * room)}


LARGEST = Special("the largest notebook", largest("x"), ACCEPTED)
LARGEST_ESCAPED = Special("the largest notebook, not of ASCII", largest("é"), ACCEPTED)


# ---- what was written is read back, and room is made


def after_create(operation):
    def after(world, judge, request, answer):
        identified = {"NotebookId": answer["NotebookId"]}
        replay(judge, operation, request, answer, Name="something else")
        wanted = {**identified, "Type": "IPYNB"}
        wanted |= {name: request[name] for name in ("Name", "WorkGroup")}
        read_back(judge, "GetNotebookMetadata", identified, {"NotebookMetadata": wanted})
        if operation == "ImportNotebook":
            read_back(judge, "ExportNotebook", identified, {"Payload": request["Payload"]})
        judge.ask("DeleteNotebook", identified)
        judge.ask("GetNotebookMetadata", identified, Refused())
        replay(judge, operation, request, answer, Name="something else")

    return after


def after_update(world, judge, request, answer):
    replay(judge, "UpdateNotebook", request, answer, Payload=notebook("something else"))
    identified = {"NotebookId": request["NotebookId"]}
    read_back(judge, "ExportNotebook", identified, {"Payload": request["Payload"]})
    if request.get("ClientRequestToken") is not None:
        later = notebook("later")
        judge.ask("UpdateNotebook", {**identified, "Type": "IPYNB", "Payload": later})
        judge.ask("UpdateNotebook", request)  # happened already, and does not happen again
        read_back(judge, "ExportNotebook", identified, {"Payload": later})


def after_rename(world, judge, request, answer):
    replay(judge, "UpdateNotebookMetadata", request, answer, Name="something else")
    identified = {"NotebookId": request["NotebookId"]}
    wanted = {"NotebookMetadata": {**identified, "Name": request["Name"]}}
    read_back(judge, "GetNotebookMetadata", identified, wanted)
    if request.get("ClientRequestToken") is not None:
        later = {**identified, "Name": new_name("renamed later")}
        judge.ask("UpdateNotebookMetadata", later)
        judge.ask("UpdateNotebookMetadata", request)  # happened already
        read_back(judge, "GetNotebookMetadata", identified, {"NotebookMetadata": later})


def after_delete(world, judge, request, answer):
    judge.ask("GetNotebookMetadata", {"NotebookId": request["NotebookId"]}, Refused())
    world.notebooks.remove(request["NotebookId"])
    world.used("doomed_notebook")


def renamed_to_its_name(world, request):
    identified = {"NotebookId": request["NotebookId"]}
    found = world.judge.need("GetNotebookMetadata", identified)
    name = found["NotebookMetadata"]["Name"]
    return {**identified, "Name": name, "ClientRequestToken": str(uuid.uuid4())}


def after_list_sessions(world, judge, request, answer):
    number = 1 if request["NotebookId"] == world.open_notebook else 0
    check = pages("ListNotebookSessions", "NotebookSessionsList", number)
    check(world, judge, request, answer)
    right = len(answer["NotebookSessionsList"]) == number
    judge.expect("ListNotebookSessions", right, f"not {number} sessions", request, answer)


# ---- the rows

CREATE = Row(
    proper=lambda w: {"WorkGroup": SPARK_GROUP, "Name": new_name("created")},
    values={"WorkGroup": KEEP},
    rules=(WORK_GROUP_EXISTS,),
    special=(TAKEN_NAME,),
    after=after_create("CreateNotebook"),
)

IMPORT = Row(
    proper=lambda w: {
        "WorkGroup": SPARK_GROUP,
        "Name": new_name("imported"),
        "Type": "IPYNB",
        "Payload": notebook("text"),
    },
    values={"WorkGroup": KEEP, "Payload": any_notebook},
    rules=(WORK_GROUP_EXISTS, payload_is_a_notebook),
    special=(
        TAKEN_NAME,
        LARGEST,
        LARGEST_ESCAPED,
        Special(
            "nbformat 3",
            lambda w, r: {**r, "Payload": '{"nbformat":3,"nbformat_minor":0,"worksheets":[]}'},
            Refused(),
        ),
        Special(
            "a location and a payload",
            lambda w, r: {**r, "NotebookS3LocationUri": "s3://glaux/a.ipynb"},
            Refused(),
        ),
    ),
    after=after_create("ImportNotebook"),
)

UPDATE = Row(
    proper=lambda w: {"NotebookId": w.notebook, "Payload": notebook("text"), "Type": "IPYNB"},
    values={"NotebookId": KEEP, "Payload": any_notebook, "SessionId": KEEP},
    rules=(
        NOTEBOOK_EXISTS,
        payload_is_a_notebook,
        # No source says what a session means for a notebook that has none.
        when(lambda r: r.get("SessionId") is not None, ACCEPTED_OR_REFUSED),
    ),
    special=(
        UNKNOWN_NOTEBOOK,
        LARGEST,
        Special(
            "a notebook with a session, which is named",
            lambda w, r: {
                **r,
                "NotebookId": w.open_notebook,
                "SessionId": w.open_notebook_session,
            },
            ACCEPTED,
        ),
        Special(
            "a notebook with a session, which is not named",
            lambda w, r: {**r, "NotebookId": w.open_notebook},
            Refused(),
        ),
        Special(
            "a notebook with a session, and another is named",
            lambda w, r: {**r, "NotebookId": w.open_notebook, "SessionId": w.ended_session},
            Refused(),
        ),
    ),
    after=after_update,
)

RENAME = Row(
    proper=lambda w: {"NotebookId": w.renamed_notebook, "Name": new_name("renamed")},
    values={"NotebookId": KEEP},
    rules=(NOTEBOOK_EXISTS,),
    special=(
        UNKNOWN_NOTEBOOK,
        TAKEN_NAME,
        OPEN_NOTEBOOK,
        Special("the name it has, with a token", renamed_to_its_name),
    ),
    after=after_rename,
)

DELETE = Row(
    proper=lambda w: {"NotebookId": w.doomed_notebook},
    values={"NotebookId": KEEP},
    rules=(NOTEBOOK_EXISTS,),
    special=(UNKNOWN_NOTEBOOK, OPEN_NOTEBOOK),
    after=after_delete,
)

LIST = Row(
    proper=lambda w: {"WorkGroup": w.any_notebook() and SPARK_GROUP},
    values={"WorkGroup": KEEP, "NextToken": KEEP},
    rules=(WORK_GROUP_EXISTS, page_token),
    after=pages("ListNotebookMetadata", "NotebookMetadataList", 3),
)

LIST_SESSIONS = Row(
    proper=lambda w: {"NotebookId": w.open_notebook},
    values={"NotebookId": KEEP, "NextToken": KEEP},
    rules=(NOTEBOOK_EXISTS, page_token),
    special=(
        UNKNOWN_NOTEBOOK,
        Special("a notebook without a session", lambda w, r: {"NotebookId": w.notebook}, ACCEPTED),
    ),
    after=after_list_sessions,
)


def of_a_notebook():
    return Row(
        proper=lambda w: {"NotebookId": w.any_notebook()},
        values={"NotebookId": KEEP},
        rules=(NOTEBOOK_EXISTS,),
        special=(UNKNOWN_NOTEBOOK,),
    )


ROWS = {
    "CreateNotebook": CREATE,
    "ImportNotebook": IMPORT,
    "ExportNotebook": of_a_notebook(),
    "UpdateNotebook": UPDATE,
    "UpdateNotebookMetadata": RENAME,
    "DeleteNotebook": DELETE,
    "GetNotebookMetadata": of_a_notebook(),
    "ListNotebookMetadata": LIST,
    "ListNotebookSessions": LIST_SESSIONS,
}
