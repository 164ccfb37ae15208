"""A container engine of the tests' own: Podman's API service with private storage, and the image of
session containers. Needs root, and the packages of `scripts/bootstrap --tests`."""

import atexit
import fcntl
import functools
import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from support import build
from support.waiting import wait_until

IMAGE = "localhost/glaux-python:12"
# Where the image is kept from one run to the next; engines only read it.
IMAGES = build.REPOSITORY / "build" / "containers"

CONTAINERS_CONF = """
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=16384:16384"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
"""
STORAGE_CONF = """
[storage]
driver = "overlay"
graphroot = "{root}"
runroot = "{run}"
"""
SHARED_IMAGES = """
[storage.options]
additionalimagestores = ["{images}"]
"""


def configure(directory, storage):
    """The variables that make podman work there, and nowhere else."""
    files = {"containers.conf": CONTAINERS_CONF, "storage.conf": storage}
    for name, text in files.items():
        (directory / name).write_text(text)
    return {
        **os.environ,
        "CONTAINERS_CONF": str(directory / "containers.conf"),
        "CONTAINERS_STORAGE_CONF": str(directory / "storage.conf"),
    }


def make_image():
    """Once for everybody; the processes of a test run that need it wait for each other."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with open(IMAGES / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        storage = STORAGE_CONF.format(root=IMAGES / "root", run=IMAGES / "run")
        subprocess.run(
            [build.REPOSITORY / "scripts" / "make-image", "--image", IMAGE],
            env=configure(IMAGES, storage),
            cwd=IMAGES,
            check=True,
        )


class Engine:
    """Runs until `close`; can be stopped and started meanwhile, which containers do not notice."""

    def __init__(self):
        make_image()
        self.directory = Path(tempfile.mkdtemp(prefix="glaux-engine-"))
        storage = STORAGE_CONF.format(root=self.directory / "root", run=self.directory / "run")
        storage += SHARED_IMAGES.format(images=IMAGES / "root")
        self.environment = configure(self.directory, storage)
        self.socket = self.directory / "podman.sock"
        self.process = None
        self.start()

    def start(self):
        self.socket.unlink(missing_ok=True)
        with open(self.directory / "service.log", "a") as log:
            self.process = subprocess.Popen(
                ["podman", "system", "service", "--time=0", f"unix://{self.socket}"],
                env=self.environment,
                cwd=self.directory,  # where its monitors leave files
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_until(self.socket.exists, "the engine listens")

    def stop(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        self.process.wait()
        self.socket.unlink(missing_ok=True)

    def podman(self, *arguments):
        """What it prints."""
        ran = subprocess.run(
            ["podman", *map(str, arguments)],
            env=self.environment,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def containers(self, session=None):
        """What the engine says of each, running or not."""
        wanted = ["--filter", f"label=glaux.session={session}"] if session else []
        names = self.podman("ps", "--all", "--quiet", "--no-trunc", *wanted).split()
        return json.loads(self.podman("container", "inspect", *names)) if names else []

    def close(self):
        self.stop()
        self.podman("rm", "--all", "--force", "--time", "0")
        # Podman leaves its storage mounted on itself.
        overlay = self.directory / "root" / "overlay"
        subprocess.run(["umount", "--lazy", overlay], capture_output=True, check=False)
        shutil.rmtree(self.directory, ignore_errors=True)


@functools.lru_cache
def shared_engine():
    """One for all tests of a process that only use it."""
    engine = Engine()
    atexit.register(engine.close)
    return engine


def settings_of(engine, **more):
    """Of the container executor, for a machine that is no cluster."""
    return {
        "socket": str(engine.socket),
        "image": IMAGE,
        "dpu-vcpus": "1",
        "dpu-memory-mib": "256",
        **more,
    }
