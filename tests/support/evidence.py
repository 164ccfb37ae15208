"""That a request changed nothing: what a daemon shows before and after it is the same."""

import contextlib

from support.sessions import EVERY_SESSION_STATE


def everything(daemon):
    """All sessions, calculations and workgroups that clients can see."""
    athena = daemon.athena
    sessions = [
        session
        for state in EVERY_SESSION_STATE
        for session in athena.list_sessions(WorkGroup="primary", StateFilter=state)["Sessions"]
    ]
    calculations = [
        athena.list_calculation_executions(SessionId=session["SessionId"])["Calculations"]
        for session in sessions
    ]
    return sessions, calculations, athena.list_work_groups()["WorkGroups"]


def journal(daemon):
    """(records, those that tell of a refusal)"""
    metrics = daemon.metrics()
    return metrics["glaux_journal_sequence"], metrics["glaux_commands_rejected_total"]


@contextlib.contextmanager
def nothing_written(daemon):
    """For requests that never become a command: the journal has no new record."""
    before, records = everything(daemon), journal(daemon)
    yield
    assert everything(daemon) == before
    assert journal(daemon) == records


@contextlib.contextmanager
def only_a_refusal_recorded(daemon):
    """For commands that are understood and refused: the audit knows, nothing else changes."""
    before, (records, refusals) = everything(daemon), journal(daemon)
    yield
    assert everything(daemon) == before
    assert journal(daemon) == (records + 1, refusals + 1)
