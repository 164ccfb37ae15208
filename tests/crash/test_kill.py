"""glauxd is killed at random moments, under load, again and again: nothing it acknowledged is
missing afterwards, and nothing has run twice.

GLAUX_CRASH_ROUNDS, GLAUX_CRASH_KERNEL_ROUNDS and GLAUX_CRASH_SEED choose how often and what."""

import os
import random
import subprocess
import time
import uuid

import checks
import pytest
from glauxd import BUILD, Client, Glauxd, Refused
from ledger import Command, Ledger
from load import Worker, replay

ROUNDS = int(os.environ.get("GLAUX_CRASH_ROUNDS", 200))
KERNEL_ROUNDS = int(os.environ.get("GLAUX_CRASH_KERNEL_ROUNDS", max(2, ROUNDS // 40)))
SEED = int(os.environ.get("GLAUX_CRASH_SEED", random.randrange(2**32)))

CLIENTS = 8
LOAD_S_MAX = 0.8
FIRST_LOAD_S = 2  # enough for calculations to complete, however slow the build
START_S_MAX = 0.08
# Of what earlier rounds were told, this many are looked at again after each restart; at the end all.
SAMPLE = 30

FLAGS = ("--capacity-dpus", "100000", "--journal-snapshot-records", "2000")

# Without a lease sessions end with the daemon, so that each round begins with none.
NO_LEASE = ("--executor-lease-s", "0")


@pytest.fixture
def make_daemon(tmp_path):
    print(f"GLAUX_CRASH_SEED={SEED}")
    made = []

    def make(*flags):
        made.append(Glauxd(tmp_path / "state", *FLAGS, *flags))
        return made[-1]

    yield make
    for daemon in made:
        if daemon.is_running():
            daemon.kill()
        daemon.end_executors()


@pytest.mark.parametrize("sessions_go_on", [False, True])
def test_nothing_acknowledged_is_lost_and_nothing_runs_twice(make_daemon, tmp_path, sessions_go_on):
    daemon = make_daemon(*(() if sessions_go_on else NO_LEASE))
    choose = random.Random(SEED)
    ledger = Ledger()
    evidence = tmp_path / "evidence"
    evidence.touch()
    for run in range(ROUNDS):
        if choose.random() < 0.15:
            die_while_starting(daemon, choose)
        daemon.start()
        check_after_restart(daemon, ledger, run, choose, sessions_go_on)
        seconds = choose.uniform(0, LOAD_S_MAX) if run > 0 else FIRST_LOAD_S
        load_until_killed(daemon, ledger, run, seconds, choose, evidence)
        checks.check_evidence(evidence.read_text().split(), f"round {run}: ran twice")

    daemon.start()
    client = Client(daemon.port)
    if sessions_go_on:
        terminate_all(client, ledger)
    check_everything(client, ledger, evidence)
    checks.wait_until_no_processes(daemon)
    client.close()
    daemon.stop()
    verify_journal(daemon)
    summarize(ledger)


def terminate_all(client, ledger):
    """Each session is there for that, but those that were on their way up when the daemon died."""
    for command in ledger.acknowledged("StartSession"):
        client.call("TerminateSession", SessionId=command.id)


def die_while_starting(daemon, choose):
    daemon.spawn()
    time.sleep(choose.uniform(0, START_S_MAX))
    daemon.kill()


def check_after_restart(daemon, ledger, run, choose, sessions_go_on):
    """The round before in full, a sample of the earlier ones."""
    client = Client(daemon.port)
    recent = [c for c in ledger.commands if c.run == run - 1]
    earlier = [c for c in ledger.commands if c.run < run - 1]
    look_at = recent + choose.sample(earlier, min(SAMPLE, len(earlier)))
    for command in look_at:
        if command.id is not None:
            checks.check_command(client, ledger, command)
    for command in look_at:
        if command.id is None or choose.random() < 0.3:
            checks.check_token(client, command)
    if not sessions_go_on:
        overdue = {c.id for c in ledger.acknowledged("StartSession") if c.run < run - 30}
        checks.wait_until_ended(client, ledger, overdue - ledger.ended.keys())
    client.close()


def load_until_killed(daemon, ledger, run, seconds, choose, evidence):
    workers = [
        Worker(daemon.port, ledger, run, choose.getrandbits(64), evidence) for _ in range(CLIENTS)
    ]
    for worker in workers:
        worker.start()
    time.sleep(seconds)
    daemon.kill()
    for worker in workers:
        worker.join()
    for worker in workers:
        if worker.failure is not None:
            raise worker.failure


def check_everything(client, ledger, evidence):
    sessions = {c.id for c in ledger.acknowledged("StartSession")}
    checks.wait_until_ended(client, ledger, sessions)
    for command in ledger.commands:
        checks.check_token(client, command)
        if command.id is not None:
            checks.check_command(client, ledger, command)
    ran = evidence.read_text().split()
    checks.check_evidence(ran, "ran twice")
    checks.check_ran_as_told(client, ledger, ran)
    # A token that was replayed may have started a session just now.
    for command in ledger.acknowledged("StartSession"):
        client.call("TerminateSession", SessionId=command.id)


def verify_journal(daemon):
    glauxctl = BUILD / "bin/glauxctl"
    assert glauxctl.exists(), f"{glauxctl} is not built: the journal cannot be verified"
    subprocess.run(
        [glauxctl, "journal", "verify", "--state-dir", daemon.state_dir], check=True, timeout=300
    )


def summarize(ledger):
    sessions = ledger.acknowledged("StartSession")
    calculations = ledger.acknowledged("StartCalculationExecution")
    print(f"{ROUNDS} kills, {len(sessions)} sessions, {len(calculations)} calculations acknowledged")
    for message, times in sorted(ledger.refusals.items(), key=lambda item: -item[1])[:10]:
        print(f"  refused {times} times: {message}")
    # A load that does not get through proves nothing.
    assert len(sessions) >= ROUNDS and len(calculations) >= ROUNDS
    assert any(status["State"] == "COMPLETED" for status in ledger.ended.values())


def test_real_kernels_run_nothing_twice_either(make_daemon, tmp_path):
    daemon = make_daemon(*NO_LEASE)
    choose = random.Random(SEED + 1)
    ledger = Ledger()
    evidence = tmp_path / "evidence"
    evidence.touch()
    for run in range(KERNEL_ROUNDS):
        daemon.start()
        client = Client(daemon.port)
        earlier = {c.id for c in ledger.acknowledged("StartSession")}
        checks.wait_until_ended(client, ledger, earlier)
        for command in ledger.commands:
            checks.check_token(client, command)
        # In turn: while the kernel starts, and while it works.
        if run % 2 == 0:
            start_kernel_until_killed(daemon, client, ledger, run, choose.uniform(0, 0.6))
        else:
            run_cells_until_killed(daemon, client, ledger, run, choose.uniform(0, 1), evidence)
        checks.check_evidence(evidence.read_text().split(), f"round {run}: ran twice")

    daemon.start()
    client = Client(daemon.port)
    checks.wait_until_ended(client, ledger, {c.id for c in ledger.acknowledged("StartSession")})
    for command in ledger.commands:
        if command.id is not None:
            checks.check_command(client, ledger, command)
    checks.wait_until_no_processes(daemon)
    daemon.stop()
    ran = evidence.read_text().split()
    checks.check_evidence(ran, "ran twice")
    assert ran, "no kernel ran anything"


def start_kernel_until_killed(daemon, client, ledger, run, seconds):
    start_kernel(client, ledger, run)
    time.sleep(seconds)
    daemon.kill()


def start_kernel(client, ledger, run):
    configuration = {"MaxConcurrentDpus": 2, "AdditionalConfigs": {"glaux.executor": "process"}}
    return send(
        client,
        ledger,
        run,
        "StartSession",
        WorkGroup="primary",
        EngineConfiguration=configuration,
    )


def run_cells_until_killed(daemon, client, ledger, run, seconds, evidence):
    """The clock runs from the first cell that has left its mark."""
    session = start_kernel(client, ledger, run)
    before = evidence.stat().st_size
    kill_at = None
    while kill_at is None or time.monotonic() < kill_at:
        try:
            send(
                client,
                ledger,
                run,
                "StartCalculationExecution",
                SessionId=session,
                CodeBlock=f"open({str(evidence)!r}, 'a').write('{uuid.uuid4()}\\n')",
            )
        except Refused as refusal:
            assert "needs to be IDLE" in refusal.message
        if kill_at is None and evidence.stat().st_size > before:
            kill_at = time.monotonic() + seconds
        time.sleep(0.002)
    daemon.kill()


def send(client, ledger, run, operation, **members):
    members["ClientRequestToken"] = str(uuid.uuid4())
    command = Command(operation, members, run)
    command.id = replay(client, command)
    ledger.sent(command)
    return command.id
