#!/usr/bin/env python3
"""The rules of the tree that a compiler does not hold: who may include whom, and what a source file
looks like. Prints every breach with the way to mend it, and exits with 1 if there is one."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Folder -> (folders of ours it may include, libraries whose headers it may include). The longest
# matching folder counts. Everybody may include the standard library and tl/expected.
SYSTEM = r"(sys|linux|netinet|arpa|net)/|(unistd|fcntl|signal|spawn|poll|dirent|errno|netdb|syscall|pthread|time|stdlib|malloc)\.h$"
RULES = {
    "config": (["config"], ["nlohmann/", "CLI/", SYSTEM]),
    "journal": (["journal"], ["rocksdb/", "openssl/", SYSTEM]),
    "api": (["api"], ["nlohmann/", "openssl/", "zlib", "pugixml"]),
    "plugins": (["plugins"], ["capnp/", "kj/", "zmq", "nlohmann/", "openssl/", SYSTEM]),
    "plugins/check": (
        ["plugins/check", "plugins/client", "plugins/protocol"],
        ["capnp/", "kj/", "nlohmann/", "CLI/", "pugixml", "fnmatch\\.h", SYSTEM],
    ),
    "daemon/core": (["daemon/core", "api"], []),
    "daemon": (
        ["daemon", "config", "journal", "api", "plugins"],
        ["capnp/", "kj/", "microhttpd", "nlohmann/", "spdlog/", "prometheus/", "systemd/", "CLI/", SYSTEM],
    ),
    "daemon/loop": (["daemon"], ["uv\\.h", "capnp/", "kj/", SYSTEM]),
    "daemon/projections": (["daemon/projections", "daemon/core", "api", "journal"], []),
}
# The codecs turn the core's values into bytes and may know Cap'n Proto; they are targets of their own.
CODECS = re.compile(r"(event_codec|state_codec)\.cc|packed_list\.h|stored(_\w+)?\.(h|cc)")
# Only these folders may know these headers at all.
ONLY = {"uv\\.h": "daemon/loop", "microhttpd": "daemon/http", "rocksdb/": "journal", "zmq": "plugins"}
LINES_MAX = 600
FORBIDDEN = {
    r"\bFIXME\b|\bXXX\b": "mend it now, or write down why not",
    r"\[=\]": "capture what is needed by name",
    r"using namespace std;": "spell out std::",
}

breaches = []


def breach(path, line, text):
    breaches.append(f"{path.relative_to(ROOT)}:{line}: {text}")


def rule_for(folder):
    best = max((name for name in RULES if folder == name or folder.startswith(name + "/")), key=len, default=None)
    return RULES[best] if best else None


def check_includes(path, folder, text):
    rule = rule_for(folder)
    if rule is None:
        return
    ours, libraries = rule
    if CODECS.fullmatch(path.name) and folder == "daemon/core":
        libraries = ["capnp/", "kj/"]
    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(r'#include ([<"])([^>"]+)[>"]', line)
        if not found:
            continue
        header = found.group(2)
        if found.group(1) == '"':
            if not any(header.startswith(each + "/") for each in ours):
                breach(path, number, f"{folder} must not know {header} (docs/ARCHITECTURE.md, layers)")
        elif "/" in header or header.endswith(".h"):
            if not header.startswith("tl/") and not any(re.match(each, header) for each in libraries):
                breach(path, number, f"{folder} must not know <{header}> (docs/ARCHITECTURE.md, layers)")
    for header, home in ONLY.items():
        if re.search(rf"#include <{header}", text) and not folder.startswith(home):
            breach(path, 1, f"only {home} may include <{header.rstrip('/')}…>")


def check_form(path, text):
    lines = text.splitlines()
    if len(lines) > LINES_MAX:
        breach(path, len(lines), f"more than {LINES_MAX} lines: which two things is it?")
    for number, line in enumerate(lines, 1):
        if len(line) > 100 and "http" not in line:
            breach(path, number, "more than 100 columns")
        for pattern, advice in FORBIDDEN.items():
            if re.search(pattern, line):
                breach(path, number, f"{pattern}: {advice}")
    if path.suffix == ".h" and not any(line == "#pragma once" for line in lines):
        breach(path, 1, "a header needs #pragma once")


def check_registered(path, folder):
    """A source that no CMakeLists.txt names is not built, a test that is not built cannot fail."""
    for directory in [path.parent, *path.parent.parents]:
        lists = directory / "CMakeLists.txt"
        if lists.exists() and path.relative_to(directory).as_posix() in lists.read_text():
            return
        if lists.exists() and f"../{path.name}" in lists.read_text():
            return
        if directory == ROOT:
            break
    for sibling in path.parent.glob("*/CMakeLists.txt"):
        if f"../{path.name}" in sibling.read_text():
            return
    breach(path, 1, "no CMakeLists.txt names this source")


def check_format(paths):
    result = subprocess.run(["clang-format", "--dry-run", *map(str, paths)], capture_output=True, text=True)
    for path in sorted({line.split(":")[0] for line in result.stderr.splitlines() if "-Wclang-format" in line}):
        breach(pathlib.Path(path), 1, "run clang-format -i on it")


def main():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.h", "*.cc"],
                            cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [ROOT / name for name in listed.stdout.split() if (ROOT / name).exists()]
    for path in paths:
        text = path.read_text()
        folder = path.parent.relative_to(ROOT).as_posix()
        check_includes(path, folder, text)
        check_form(path, text)
        if path.suffix == ".cc":
            check_registered(path, folder)
    check_format(paths)
    for each in breaches:
        print(each)
    print(f"tidy: {len(paths)} files, {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
