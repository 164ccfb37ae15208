"""What a session in a container costs beside `podman run` of the same image with the same limits.
Both in turn, as in kernel_latency."""

import json
import sys
import time
from pathlib import Path

from glauxd import Glauxd
from kernel_latency import add_row, ms_since
from raw_kernel import RawKernel

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.engine import IMAGE, Engine, settings_of

INSIDE = "/session"
NAME = "by-hand"
# What plugins/container asks for a session of two DPUs.
RUN = [
    "podman", "run", "--rm", "--name", NAME, "--network", "none", "--read-only", "--init",
    "--cap-drop", "all", "--security-opt", "no-new-privileges", "--user", "65532:65532",
    "--memory", "512m", "--memory-swap", "512m", "--cpus", "2", "--pids-limit", "512",
    "--ulimit", "nofile=4096:4096", "--ulimit", "nproc=16384:16384", "--tmpfs", "/tmp",
    "--env", "HOME=/tmp",
]  # fmt: skip


def measure(report, scratch, starts):
    ours, by_hand = [], []
    engine = Engine()
    try:
        settings = scratch / "containers.json"
        settings.write_text(json.dumps({"executors": {"container": settings_of(engine)}}))
        with Glauxd(scratch / "containers", "--config", settings) as daemon:
            for i in range(starts):
                by_hand.append(_start_by_hand(engine, scratch / f"container-{i}"))
                ours.append(_start_session(daemon))
    finally:
        engine.close()
    report.section(
        "ipykernel in a container (medians)", ["", "glaux ms", "by hand ms", "difference ms", "ratio"]
    )
    add_row(report, "start, until ready", ours, by_hand)


def _start_session(daemon):
    began = time.monotonic()
    session = daemon.start_session("container")
    daemon.wait_until_idle(session)
    took = ms_since(began)
    daemon.end_session(session)
    return took


def _start_by_hand(engine, directory):
    directory.mkdir()
    directory.chmod(0o777)
    command = [*RUN, "--volume", f"{directory}:{INSIDE}", IMAGE, "python3"]
    began = time.monotonic()
    kernel = RawKernel(directory, command, INSIDE, engine.environment)
    took = ms_since(began)
    engine.podman("rm", "--force", "--time", "0", NAME)
    kernel.close()
    return took
