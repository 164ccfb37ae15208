"""What exists in the daemon that the requests go to: workgroups, sessions, calculations, notebooks.

All are made when they are first asked for. Of those that a request uses up (a notebook to delete,
an idle session) used() says that they are gone.
"""

import functools
import itertools
import json
import uuid

from support.waiting import wait_until

ROLE = "arn:aws:iam::123456789012:role/service-role/spark"
SPARK = {
    "EngineVersion": {"SelectedEngineVersion": "PySpark engine version 3"},
    "ExecutionRole": ROLE,
}
SETTINGS = {"executor.default": "mock", "capacity.dpus": 1_000_000}
SETTLED = {"COMPLETED", "FAILED", "CANCELED"}
UNKNOWN = "a2c1ebba-ad01-865f-ed2d-a142b7451f7e"

SPARK_GROUP = "model-spark"
SQL_GROUP = "model-sql"
UPDATED_GROUP = "model-updated"


def arn(resource):
    return f"arn:aws:athena:us-east-1:000000000000:{resource}"


def notebook(text=""):
    """A small notebook of nbformat 4, as text."""
    cell = {"cell_type": "markdown", "metadata": {}, "source": text}
    document = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(document, ensure_ascii=False)


class World:
    def __init__(self, judge):
        self.judge = judge
        self.work_groups = {"primary"}
        self.spark_groups = {"primary"}
        self.sessions = set()
        self.calculations = set()
        self.notebooks = set()
        self.in_use = {}  # workgroup that is deleted with all it has -> (session, notebook)
        self._turn = itertools.count()
        for name, configuration in ((SPARK_GROUP, SPARK), (SQL_GROUP, {}), (UPDATED_GROUP, {})):
            request = {"Name": name, "Configuration": configuration}
            judge.need("CreateWorkGroup", request)
            self.work_groups.add(name)
        self.spark_groups.add(SPARK_GROUP)

    def next_of(self, things):
        return things[next(self._turn) % len(things)]

    # ---- sessions

    def start_session(self, work_group=SPARK_GROUP, **members):
        request = {"WorkGroup": work_group, "EngineConfiguration": {}, **members}
        session = self.judge.need("StartSession", request)["SessionId"]
        self.sessions.add(session)
        return session

    def wait_for_session(self, session, state):
        def look():
            status = self.judge.need("GetSessionStatus", {"SessionId": session})["Status"]
            return status["State"] == state

        wait_until(look, f"session {session} is {state}", interval_s=0.002)

    @functools.cached_property
    def session(self):
        """Where calculations run."""
        session = self.start_session(Description="of the model-driven suite")
        self.wait_for_session(session, "IDLE")
        return session

    @functools.cached_property
    def idle_session(self):
        """The same, once nothing runs in it; a calculation uses that up."""
        self.wait_for_session(self.session, "IDLE")
        return self.session

    @functools.cached_property
    def ended_session(self):
        session = self.start_session()
        self.judge.need("TerminateSession", {"SessionId": session})
        self.wait_for_session(session, "TERMINATED")
        return session

    @functools.cached_property
    def busy_session(self):
        session = self.start_session()
        self.wait_for_session(session, "IDLE")
        self.run("sleep 3600000", session)
        return session

    @functools.cached_property
    def _many_sessions(self):
        """So many that lists have pages."""
        another = self.start_session()
        self.wait_for_session(another, "IDLE")
        return [self.session, self.ended_session, self.busy_session, another]

    def any_session(self):
        return self.next_of(self._many_sessions)

    # ---- calculations

    def run(self, code, session=None):
        request = {"SessionId": session or self.idle_session, "CodeBlock": code}
        calculation = self.judge.need("StartCalculationExecution", request)
        self.used("idle_session")
        self.calculations.add(calculation["CalculationExecutionId"])
        return calculation["CalculationExecutionId"]

    def wait_for_end(self, calculation):
        def look():
            request = {"CalculationExecutionId": calculation}
            answer = self.judge.need("GetCalculationExecutionStatus", request)
            return answer["Status"]["State"] in SETTLED

        wait_until(look, f"calculation {calculation} has ended", interval_s=0.002)
        return calculation

    @functools.cached_property
    def _many_calculations(self):
        """One of every end."""
        completed = self.wait_for_end(self.run("print here\nresult {}"))
        failed = self.wait_for_end(self.run("stderr there\nfail because"))
        canceled = self.run("sleep 3600000")
        self.judge.need("StopCalculationExecution", {"CalculationExecutionId": canceled})
        return [completed, failed, self.wait_for_end(canceled)]

    def any_calculation(self):
        return self.next_of(self._many_calculations)

    # ---- notebooks

    def create_notebook(self, name=None, work_group=SPARK_GROUP):
        request = {"WorkGroup": work_group, "Name": name or f"notebook {uuid.uuid4()}"}
        made = self.judge.need("CreateNotebook", request)["NotebookId"]
        self.notebooks.add(made)
        return made

    @functools.cached_property
    def notebook(self):
        """Without a session."""
        return self.create_notebook("a notebook")

    @functools.cached_property
    def _many_notebooks(self):
        return [self.notebook, self.create_notebook(), self.create_notebook()]

    def any_notebook(self):
        return self.next_of(self._many_notebooks)

    @functools.cached_property
    def renamed_notebook(self):
        return self.create_notebook()

    @functools.cached_property
    def open_notebook(self):
        """With a session."""
        made = self.create_notebook("an open notebook")
        self.open_notebook_session = self.start_session(
            EngineConfiguration={"AdditionalConfigs": {"NotebookId": made}},
            NotebookVersion="Athena notebook version 1",
        )
        return made

    # ---- what requests use up

    @functools.cached_property
    def doomed_notebook(self):
        return self.create_notebook()

    @functools.cached_property
    def doomed_session(self):
        return self.start_session()

    @functools.cached_property
    def doomed_group(self):
        name = f"doomed-{uuid.uuid4()}"
        self.judge.need("CreateWorkGroup", {"Name": name})
        self.work_groups.add(name)
        return name

    def used(self, name):
        """What is asked for by this name is gone; the next who asks gets another."""
        self.__dict__.pop(name, None)
