"""State directories that earlier builds left, and what they answered from them; tests/golden/README.md."""

import json
import shutil
import tarfile
from pathlib import Path

from support.sessions import EVERY_SESSION_STATE

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
VOLATILE = "differs from start to start"


def names():
    return sorted(path.name for path in GOLDEN.glob("state-*"))


def unpack(name, directory):
    with tarfile.open(GOLDEN / name / "state.tar.xz") as archive:
        archive.extractall(directory)


def pack(name, state_dir):
    """The state of a daemon that is gone, without sockets, kernels' files and RocksDB's own log."""

    def chosen(member):
        parts = Path(member.name).parts
        is_private = len(parts) > 2 and parts[0] == "sessions"
        if is_private and parts[2] not in ("identity.json", "spool"):
            return None
        if parts and parts[-1].startswith("LOG"):
            return None
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        return member

    (GOLDEN / name).mkdir(parents=True, exist_ok=True)
    with tarfile.open(GOLDEN / name / "state.tar.xz", "w:xz", preset=9) as archive:
        for entry in sorted(Path(state_dir).iterdir()):
            archive.add(entry, entry.name, filter=chosen)


def recorded_answers(name):
    return json.loads((GOLDEN / name / "answers.json").read_text())


def record_answers(name, answers):
    text = json.dumps(answers, indent=1, sort_keys=True, ensure_ascii=False)
    (GOLDEN / name / "answers.json").write_text(text + "\n")


def answers(daemon):
    """What a client can learn of everything in there, by operation and id."""
    athena, found = daemon.athena, {}

    def note(operation, key, **members):
        answer = getattr(athena, operation)(**members)
        answer.pop("ResponseMetadata")
        found[f"{operation} {key}"] = json.loads(json.dumps(answer, default=str))
        return answer

    for group in note("list_work_groups", "")["WorkGroups"]:
        name = group["Name"]
        note("get_work_group", name, WorkGroup=name)
        for notebook in note("list_notebook_metadata", name, WorkGroup=name)["NotebookMetadataList"]:
            id = notebook["NotebookId"]
            note("get_notebook_metadata", id, NotebookId=id)
            note("export_notebook", id, NotebookId=id)
            note("list_notebook_sessions", id, NotebookId=id)
        sessions = []
        for state in EVERY_SESSION_STATE:
            members = {"WorkGroup": name, "StateFilter": state}
            sessions += note("list_sessions", f"{name} {state}", **members)["Sessions"]
        for session in sessions:
            id = session["SessionId"]
            note("get_session", id, SessionId=id)
            note("list_executors", id, SessionId=id)
            calculations = note("list_calculation_executions", id, SessionId=id)["Calculations"]
            for calculation in calculations:
                id = calculation["CalculationExecutionId"]
                note("get_calculation_execution", id, CalculationExecutionId=id)
                note("get_calculation_execution_code", id, CalculationExecutionId=id)
    return found


def in_common(one, other):
    """`one`, with VOLATILE wherever `other` says something else."""
    if type(one) is not type(other):
        return VOLATILE
    if isinstance(one, dict):
        return {key: in_common(one[key], other[key]) for key in one.keys() & other.keys()}
    if isinstance(one, list) and len(one) == len(other):
        return [in_common(*pair) for pair in zip(one, other)]
    return one if one == other else VOLATILE


def differences(recorded, answered, where=""):
    """Where an answer is not as recorded. New members may have come; none may have gone."""
    if recorded == VOLATILE:
        return []
    if isinstance(recorded, dict) and isinstance(answered, dict):
        found = [f"{where}.{key} is missing" for key in recorded.keys() - answered.keys()]
        for key in recorded.keys() & answered.keys():
            found += differences(recorded[key], answered[key], f"{where}.{key}")
        return found
    if isinstance(recorded, list) and isinstance(answered, list) and len(recorded) == len(answered):
        return [
            each
            for i, pair in enumerate(zip(recorded, answered))
            for each in differences(*pair, f"{where}[{i}]")
        ]
    return [] if recorded == answered else [f"{where}: recorded {recorded!r}, now {answered!r}"]


def copy(state_dir, to):
    shutil.copytree(state_dir, to, ignore=lambda directory, names: [
        name for name in names if (Path(directory) / name).is_socket()
    ])
    return to
