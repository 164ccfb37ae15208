"""A journal that is not as it was written: not started on, named, and left as it is."""

import hashlib
import shutil

import pytest

from support.daemon import run_glauxd
from support.waiting import wait_until

WORK_GROUPS = 60


def names(daemon):
    found, page = [], {}
    while True:
        answer = daemon.athena.list_work_groups(**page)
        found += [each["Name"] for each in answer["WorkGroups"]]
        if "NextToken" not in answer:
            return found
        page = {"NextToken": answer["NextToken"]}


def fill(daemon):
    """Records with texts of their own, so that no compression makes the file smaller than them."""
    for i in range(WORK_GROUPS):
        text = hashlib.sha512(b"%d" % i).hexdigest() * 4
        daemon.athena.create_work_group(Name=f"wg-{i:03}", Description=text)


@pytest.fixture
def filled(make_daemon):
    """Stopped, with a journal that its last start has just written to."""
    daemon = make_daemon()
    fill(daemon)
    expected = names(daemon)
    daemon.stop()
    yield daemon, expected
    if daemon.process is None:
        daemon.start()  # whatever the damage was, it has been repaired
    assert names(daemon) == expected


def largest(daemon, pattern):
    return max((daemon.state_dir / "journal").glob(pattern), key=lambda file: file.stat().st_size)


def contents(daemon):
    """Of the files that are the journal; RocksDB's own log files are not."""
    directory = daemon.state_dir / "journal"
    return {
        file.name: file.read_bytes()
        for file in directory.iterdir()
        if file.suffix in {".sst", ".log"} or file.name == "FORMAT"
    }


def try_to_start(daemon):
    ran = run_glauxd("--state-dir", daemon.state_dir, "--listen", "127.0.0.1:0")
    assert ran.returncode == 1, (ran.returncode, ran.stdout, ran.stderr)
    assert ran.stdout == ""
    return ran.stderr


class flipped:
    """Some bytes in the middle of a file, while the context lasts."""

    def __init__(self, file, part=0.5):
        self.file, self.original = file, file.read_bytes()
        at = int(len(self.original) * part)
        bad = bytearray(self.original)
        for i in range(at, at + 8):
            bad[i] ^= 0x5A
        file.write_bytes(bad)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.write_bytes(self.original)


@pytest.mark.parametrize("part", [0.2, 0.5, 0.8])
def test_corrupt_record_in_the_write_ahead_log_is_refused_and_nothing_is_touched(filled, part):
    daemon, _ = filled
    file = largest(daemon, "*.log")
    assert file.stat().st_size > 20_000, "the records are in it"
    with flipped(file, part):
        before = contents(daemon)
        said = try_to_start(daemon)
        assert "journal" in said and ("orrupt" in said or "damaged" in said), said
        assert file.name in said or "record" in said, "which one"
        assert contents(daemon) == before
    assert "AddressSanitizer" not in said


@pytest.mark.parametrize("part", [0.3, 0.6])
def test_corrupt_record_in_a_table_file_is_refused_and_named(filled, part):
    daemon, _ = filled
    daemon.start()  # recovery moves the records from the log to a table
    daemon.stop()
    file = largest(daemon, "*.sst")
    assert file.stat().st_size > 10_000, "the records are in it"
    shutil.rmtree(daemon.state_dir / "tables")  # views are rebuilt, so all records are read
    with flipped(file, part):
        said = try_to_start(daemon)
        assert file.name in said or "record" in said, said
        assert "glauxctl journal verify" in said or "damaged" in said or "orrupt" in said


def test_journal_that_lost_its_acknowledged_tail_is_refused(make_daemon, tmp_path):
    daemon = make_daemon()
    daemon.athena.create_work_group(Name="early")
    daemon.stop()
    shutil.copytree(daemon.state_dir / "journal", tmp_path / "old")
    daemon.start()
    daemon.athena.create_work_group(Name="late")
    daemon.stop()
    shutil.move(daemon.state_dir / "journal", tmp_path / "new")
    shutil.copytree(tmp_path / "old", daemon.state_dir / "journal")
    said = try_to_start(daemon)
    assert "lost" in said or "missing" in said, said
    shutil.rmtree(daemon.state_dir / "journal")
    shutil.move(tmp_path / "new", daemon.state_dir / "journal")
    daemon.start()
    assert names(daemon) == ["early", "late", "primary"]


def test_newer_format_is_refused_before_anything_is_touched(filled):
    daemon, _ = filled
    marker = daemon.state_dir / "journal" / "FORMAT"
    original = marker.read_text()
    marker.write_text(original.replace("format 1\n", "format 2\n", 1))
    before = contents(daemon)
    said = try_to_start(daemon)
    assert str(marker) in said
    assert "newer" in said and "format 2" in said
    assert contents(daemon) == before
    marker.write_text(original)


def test_damaged_format_marker_is_refused_and_named(filled):
    daemon, _ = filled
    marker = daemon.state_dir / "journal" / "FORMAT"
    original = marker.read_text()
    for bad in ("", "format one\n", original.replace("journal ", "journal f", 1), original[:-5]):
        marker.write_text(bad)
        assert str(marker) in try_to_start(daemon)
    marker.write_text(original)


def test_damaged_head_is_refused_and_says_the_way_out(filled):
    daemon, _ = filled
    head = daemon.state_dir / "HEAD"
    original = head.read_text()
    head.write_text(original.replace("sequence ", "sequence 9", 1))
    said = try_to_start(daemon)
    assert str(head) in said and "remove it" in said
    head.unlink()
    daemon.start()
    assert daemon.log_lines_with("HEAD is missing"), "its loss is accepted, and reported"


def test_lost_views_are_rebuilt_as_they_were(filled):
    daemon, expected = filled
    shutil.rmtree(daemon.state_dir / "tables")
    daemon.start()
    assert names(daemon) == expected
    assert daemon.log_lines_with("views rebuilt")


def test_damaged_views_are_rebuilt_as_they_were(filled):
    daemon, expected = filled
    for file in (daemon.state_dir / "tables").iterdir():
        if file.suffix in {".sst", ".log"} or file.name.startswith("MANIFEST"):
            file.write_bytes(b"\x5a" * file.stat().st_size)
    daemon.start()
    assert names(daemon) == expected


def test_torn_tail_is_dropped_and_reported(make_daemon):
    """A write that was under way when the machine lost power was never acknowledged."""
    daemon = make_daemon()
    fill(daemon)
    wait_until(lambda: daemon.metrics()["glaux_commands_pending"] == 0, "all is on disk")
    expected = names(daemon)
    daemon.kill()
    log = largest(daemon, "*.log")
    with open(log, "ab") as file:
        file.write(b"\x12\x34\x56\x78\x00\x20\x01half a record")
    daemon.start()
    assert names(daemon) == expected
    assert daemon.log_lines_with("warning journal:"), "what was dropped is reported"


def test_state_directory_of_something_else_is_refused(tmp_path):
    state = tmp_path / "state"
    (state / "journal").mkdir(parents=True)
    (state / "journal" / "FORMAT").write_text("a poem\n")
    ran = run_glauxd("--state-dir", state, "--listen", "127.0.0.1:0")
    assert ran.returncode == 1
    assert "FORMAT" in ran.stderr
    assert [file.name for file in (state / "journal").iterdir()] == ["FORMAT"]
