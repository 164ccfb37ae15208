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
from ledger import Command, Ledger
from load import Worker, replay
from support import build
from support.daemon import Daemon
from support.json_client import Client, Refused

ROUNDS = int(os.environ.get("GLAUX_CRASH_ROUNDS", 200))
KERNEL_ROUNDS = int(os.environ.get("GLAUX_CRASH_KERNEL_ROUNDS", max(2, ROUNDS // 40)))
SEED = int(os.environ.get("GLAUX_CRASH_SEED", random.randrange(2**32)))

CLIENTS = 8
LOAD_S_MAX = 0.5
FIRST_LOAD_S = 2  # enough for calculations to complete, however slow the build
START_S_MAX = 0.08
# Of what earlier rounds were told, this many are looked at again after each restart. At the end
# everything is, and of the tokens so many.
SAMPLE = 30
TOKENS_AT_END = 2000
# Sessions that are ended by nobody but the test live through so many kills; without a lease they
# must have ended by themselves long before.
ROUNDS_TO_LIVE = 2
ROUNDS_TO_END = 30
ROUNDS_TO_TELL = 50

SETTINGS = {
    "capacity.dpus": 100_000,
    "journal.snapshot_records": 2000,
    "idempotency.retention_minutes": 1440,
}

# Without a lease sessions end with the daemon, so that each round begins with none.
NO_LEASE = {"executor.lease_s": 0}


@pytest.fixture(autouse=True)
def say_seed():
    print(f"GLAUX_CRASH_SEED={SEED}")


@pytest.mark.parametrize("sessions_go_on", [False, True])
def test_nothing_acknowledged_is_lost_and_nothing_runs_twice(tmp_path, sessions_go_on):
    choose = random.Random(SEED)
    ledger = Ledger()
    evidence = checks.Evidence(tmp_path / "evidence")
    with Daemon(settings={**SETTINGS, **({} if sessions_go_on else NO_LEASE)}) as daemon:
        for _ in range(ROUNDS):
            run = ledger.begin_run()
            check_after_restart(daemon, ledger, run, choose, sessions_go_on)
            seconds = choose.uniform(0, LOAD_S_MAX) if run > 0 else FIRST_LOAD_S
            load_until_killed(daemon, ledger, run, seconds, choose, evidence)
            evidence.check_nothing_ran_twice()
            if choose.random() < 0.15:
                die_while_starting(daemon, choose)
            daemon.start()
            if run % ROUNDS_TO_TELL == ROUNDS_TO_TELL - 1:
                print(f"{run + 1} kills, {len(ledger.commands)} commands sent", flush=True)

        if not sessions_go_on:
            end_newcomers(daemon, ledger)
        with Client(daemon.port) as client:
            if sessions_go_on:
                terminate(client, {c.id for c in ledger.acknowledged("StartSession")})
            check_everything(client, ledger, evidence, choose)
        checks.wait_until_no_processes(daemon)
        daemon.stop()
        verify_journal(daemon)
    summarize(ledger)


def end_newcomers(daemon, ledger):
    """Sessions whose executors nobody had got round to launching are launched by this daemon, and end
    with it."""
    sessions = {c.id for c in ledger.acknowledged("StartSession")} - ledger.ended.keys()
    with Client(daemon.port) as client:
        checks.wait_until_up_or_ended(client, ledger, sessions)
    daemon.kill()
    daemon.start()


def terminate(client, sessions):
    for session in sessions:
        client.call("TerminateSession", SessionId=session)


def die_while_starting(daemon, choose):
    daemon.spawn()
    time.sleep(choose.uniform(0, START_S_MAX))
    daemon.kill()


def check_after_restart(daemon, ledger, run, choose, sessions_go_on):
    """The round before in full, a sample of the earlier ones."""
    look_at = ledger.of_run(run - 1) + ledger.sample_before(max(0, run - 1), SAMPLE, choose)
    with Client(daemon.port) as client:
        for command in look_at:
            if command.id is not None:
                checks.check_command(client, ledger, command)
        for command in look_at:
            if command.id is None or choose.random() < 0.3:
                checks.check_token(client, command)
        if sessions_go_on:
            terminate(client, ledger.sessions_of_run(run - ROUNDS_TO_LIVE))
        else:
            overdue = ledger.sessions_of_run(run - ROUNDS_TO_END)
            checks.wait_until_ended(client, ledger, overdue - ledger.ended.keys())


def load_until_killed(daemon, ledger, run, seconds, choose, evidence):
    workers = [
        Worker(daemon.port, ledger, run, choose.getrandbits(64), evidence.path)
        for _ in range(CLIENTS)
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


def check_everything(client, ledger, evidence, choose):
    sessions = {c.id for c in ledger.acknowledged("StartSession")}
    checks.wait_until_ended(client, ledger, sessions)
    commands = ledger.commands
    for command in choose.sample(commands, min(TOKENS_AT_END, len(commands))):
        checks.check_token(client, command)
    for command in commands:
        if command.id is not None:
            checks.check_command(client, ledger, command)
    evidence.check_nothing_ran_twice()
    checks.check_ran_as_told(client, ledger, evidence.ran)
    # A token that was replayed may have started a session just now.
    terminate(client, {c.id for c in ledger.acknowledged("StartSession")} - sessions)


def verify_journal(daemon):
    glauxctl = build.BUILD / "bin/glauxctl"
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


def test_real_kernels_run_nothing_twice_either(tmp_path):
    choose = random.Random(SEED + 1)
    ledger = Ledger()
    evidence = checks.Evidence(tmp_path / "evidence")
    with Daemon(settings={**SETTINGS, **NO_LEASE}) as daemon:
        for _ in range(KERNEL_ROUNDS):
            run = ledger.begin_run()
            with Client(daemon.port) as client:
                checks.wait_until_ended(client, ledger, ledger.sessions_of_run(run - 1))
                for command in ledger.of_run(run - 1):
                    checks.check_token(client, command)
                # In turn: while the kernel starts, and while it works.
                if run % 2 == 0:
                    start_kernel_until_killed(daemon, client, ledger, run, choose.uniform(0, 0.6))
                else:
                    seconds = choose.uniform(0, 1)
                    run_cells_until_killed(daemon, client, ledger, run, seconds, evidence)
            evidence.check_nothing_ran_twice()
            daemon.start()

        with Client(daemon.port) as client:
            sessions = {c.id for c in ledger.acknowledged("StartSession")}
            checks.wait_until_ended(client, ledger, sessions)
            for command in ledger.commands:
                checks.check_token(client, command)
                checks.check_command(client, ledger, command)
        checks.wait_until_no_processes(daemon)
    evidence.check_nothing_ran_twice()
    assert evidence.ran, "no kernel ran anything"


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
    before = evidence.path.stat().st_size
    kill_at = None
    while kill_at is None or time.monotonic() < kill_at:
        try:
            send(
                client,
                ledger,
                run,
                "StartCalculationExecution",
                SessionId=session,
                CodeBlock=f"open({str(evidence.path)!r}, 'a').write('{uuid.uuid4()}\\n')",
            )
        except Refused as refusal:
            assert "needs to be IDLE" in refusal.message
        if kill_at is None and evidence.path.stat().st_size > before:
            kill_at = time.monotonic() + seconds
        time.sleep(0.002)
    daemon.kill()


def send(client, ledger, run, operation, **members):
    members["ClientRequestToken"] = str(uuid.uuid4())
    command = Command(operation, members, run)
    command.id = replay(client, command)
    ledger.sent(command)
    return command.id
