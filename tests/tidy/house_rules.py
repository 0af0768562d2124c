"""The house rules: each is a function from all files to breaches. docs/architecture.md has the reasons."""

import os
import re

from source_tree import Breach, functions

MAX_FILE_LINES = 350
MAX_FUNCTION_LINES = 70
MAX_COLUMNS = 130

LAYERS = {
    "core/base": 0,
    "core/pgwire": 1, "core/sql": 1,
    "core/model": 2,
    "core/exchange": 3, "core/store": 3, "core/net": 3, "core/catalog": 3,
    "capture": 4, "replay": 4, "compare": 4, "schema": 4,
    "app": 5,
}
PRODUCT = ("core", "capture", "replay", "compare", "schema", "app")
OUTSIDE_PRODUCT = ("tests", "tools")

# What an outside library's header begins with, and the only product files that may include it.
LIBRARIES = [
    (r"openssl/", r"core/pgwire/auth\.cpp|core/net/.*",
     "secrets are handled in core/pgwire/auth.cpp and core/net, TLS in core/net"),
    (r"pg_query", r"core/sql/[^/]*\.cpp", "ask core/sql; libpg_query stays inside its .cpp files"),
    (r".*\.pb\.h$|google/protobuf/", r"core/(store|catalog)/[^/]*\.cpp|core/store/step_codec\.hpp",
     "use core/model's values; generated code stays in the codecs of core/store and core/catalog"),
    (r"zstd|sodium", r"core/(store|exchange)/[^/]*\.cpp|core/catalog/snapshot/snapshot_hasher\.[ch]pp|"
     r"capture/log/log_reader\.cpp|app/service/tokens\.cpp",
     "compression and keyed digests: core/store and core/exchange; compressed logs: LogReader; schemas: SnapshotHasher; tokens"),
    (r"zlib", r"capture/log/log_reader\.cpp", "read compressed logs with LogReader"),
    (r"pcap(/|\.h)", r"capture/source/.*", "only capture/source knows libpcap; take packets from PcapSource"),
    (r"boost/beast", r"app/web/.*", "HTTP is app/web's"),
    (r"boost/asio", r"core/net/.*|replay/(run|start_state)/.*|schema/check/.*|schema/migration/(runner|interrupter)\.[ch]pp|"
                    r"capture/proxy/.*|app/.*",
     "keep the decision pure; sockets and timers belong to the shells, which tests/tidy/house_rules.py lists"),
    (r"pqxx", r"core/catalog/[^/]*\.cpp|app/.*", "use core/catalog's ControlConnection"),
    # All only parse connection strings with it, and core/net and core/catalog, being siblings, cannot share the code.
    (r"libpq-fe\.h", r"core/net/conninfo\.cpp|core/catalog/(control_connection|conninfo_parts)\.cpp",
     "parse connection strings with core/net/conninfo.hpp"),
    (r"yaml-cpp", r"compare/rules/[^/]*\.cpp|app/rehearse/config_file\.cpp|app/service/serve_config\.cpp",
     "rules are read by compare/rules/read_rules.hpp, options by app/rehearse/config_file.hpp, serve.yaml by app/service"),
    (r"CLI/", r"app/.*", "options are app's; hand over plain structs"),
    (r"iostream$", r"(?!)", "print with fmt; its static initialiser and locale are not wanted"),
    (r"regex$", r"(?!)", "slow, and hostile input can exhaust its stack; use core/sql's lexer or std::string_view"),
]

# Where the program may ask what time it is; everything else is handed instants.
RAW_CLOCK_FILES = {"core/base/system_clock.cpp", "app/web/wall_clock.cpp"}
CLOCK_FILES = {
    "core/base/time.hpp", "core/base/system_clock.cpp",
    "capture/proxy/connection.cpp", "capture/proxy/proxy.cpp", "capture/proxy/recorder.cpp",
    "replay/run/order_watch.cpp", "replay/run/plan_run.cpp",
    "replay/run/engine.cpp", "replay/run/engine_pause.cpp", "replay/run/session_runner.cpp", "replay/start_state/probe_run.cpp",
    "app/capture/log_capture.cpp", "app/capture/packet_capture.cpp", "app/capture/proxy_capture.cpp",
    "app/capture/recording.cpp",
    "app/check/ask_both.cpp",
    "app/compare/judging.cpp",
    "app/clean_command.cpp",
    "app/copies/database_copies.cpp",
    "app/fidelity/environment_source.cpp", "app/fidelity/storage_probe.cpp",
    "app/history_command.cpp",
    "capture/source/pcap_source.cpp", "capture/source/pcap_group.cpp",
    "app/rehearse/migration_choice.cpp", "app/rehearse/rehearsal.cpp", "app/rehearse/traffic_trial.cpp",
    "app/replay_command.cpp", "app/replay_progress.cpp", "app/progress_file.cpp",
    "app/web/run_process.cpp", "app/web/run_watch.cpp", "app/web/service.cpp", "app/web/status_server.cpp",
    "schema/migration/runner.cpp",
}
RAW_CLOCK = re.compile(r"\b(?:system_clock|steady_clock|high_resolution_clock)\s*::|"
                       r"\btime\s*\(\s*(?:nullptr|NULL|0)\s*\)|\b(?:clock_gettime|gettimeofday)\s*\(")
OUR_CLOCK = re.compile(r"\bsystem_clock\s*\(\s*\)")

# Asio's awaitable operators (||) can only be used this way.
USING_NAMESPACE_FILES = {"core/net/pg_stream.cpp", "schema/check/server_session.hpp", "schema/migration/runner.cpp"}

BANNED_CALLS = [
    (r"strcpy|strncpy|strcat|sprintf|vsprintf|gets", "has no bounds; use std::string, fmt::format"),
    (r"rand|srand", "chance is a parameter: take a seeded generator; for secrets libsodium"),
    (r"strtok|tmpnam", "keeps hidden state or races; use std::string_view, mkstemp"),
    (r"system|popen", "no shell from the program"),
    (r"atoi|atol|atof", "cannot tell an error from 0; use std::from_chars"),
]
ALLOWED_IN_TESTS = ("system|popen", "atoi|atol|atof")
LATER_MARKS = re.compile(r"\b(?:%s)\b" % "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK"]))
MACHINE_PATH = re.compile(r"(?<![\w.$}/-])/(?:work|root)(?![\w-])")


def folder_of(path):
    """The folder of the table that a path is in, or nothing."""
    parts = path.split("/")
    folder = "/".join(parts[:2]) if parts[0] == "core" else parts[0]
    return folder if folder in LAYERS else None


def layers(files):
    paths = {file.path for file in files}
    for file in files:
        if not file.is_code:
            continue
        own = folder_of(file.path)
        if own is None and file.under(*PRODUCT):
            yield Breach(file.path, 1, "layers", "this folder is in no layer: put the file where it belongs, or think "
                         "about the table in tests/tidy/house_rules.py and docs/architecture.md")
        for line, name, quoted in file.includes:
            if not quoted or name.endswith(".pb.h"):
                continue
            if name not in paths:
                yield Breach(file.path, line, "layers", f'"{name}" is no file from the root: write the path from there, '
                             "and <> around what is not ours")
                continue
            other = folder_of(name)
            if file.under(*OUTSIDE_PRODUCT) or own is None or own == other:
                continue
            if other is None:
                yield Breach(file.path, line, "layers", f"the product does not include {name}: move what is needed into a layer")
            elif LAYERS[other] >= LAYERS[own]:
                yield Breach(file.path, line, "layers", f"{own} (layer {LAYERS[own]}) must not include {other} (layer "
                             f"{LAYERS[other]}): move what both need below, or let a higher layer join them")


def libraries(files):
    for file in files:
        if not file.under(*PRODUCT):
            continue
        for line, name, _ in file.includes:
            for header, allowed, advice in LIBRARIES:
                if re.match(header, name):
                    if not re.fullmatch(allowed, file.path):
                        yield Breach(file.path, line, "libraries", f"<{name}> here: {advice}")
                    break


def file_length(files):
    for file in files:
        count = len(file.lines) - 1
        if count > MAX_FILE_LINES and not file.path.endswith(".md"):
            yield Breach(file.path, count, "file-length", f"{count} lines, {MAX_FILE_LINES} allowed: split it by concept")


def function_length(files):
    for file in files:
        for line, count in functions(file.code):
            if count > MAX_FUNCTION_LINES:
                yield Breach(file.path, line, "function-length", f"{count} lines, {MAX_FUNCTION_LINES} allowed: take a part "
                             "out that has a name")


def line_length(files):
    for file in files:
        if file.path.endswith((".md", ".txt")) and not file.path.endswith("CMakeLists.txt"):
            continue
        for number, line in enumerate(file.lines, 1):
            if len(line) > MAX_COLUMNS:
                yield Breach(file.path, number, "line-length", f"{len(line)} columns, {MAX_COLUMNS} allowed: break it")


def white_space(files):
    for file in files:
        for number, line in enumerate(file.lines, 1):
            if "\t" in line:
                yield Breach(file.path, number, "white-space", "a tab: use spaces")
            if line != line.rstrip():
                yield Breach(file.path, number, "white-space", "trailing space: remove it")
        if file.text and not file.text.endswith("\n"):
            yield Breach(file.path, len(file.lines), "white-space", "no newline at the end: add it")


def pragma_once(files):
    for file in files:
        if file.is_header and "#pragma once" not in file.lines:
            yield Breach(file.path, 1, "pragma-once", "a header without #pragma once: add it")


def using_namespace(files):
    for file in files:
        if file.path in USING_NAMESPACE_FILES or not (file.is_header or file.under(*PRODUCT)):
            continue
        for number, line in enumerate(file.code.split("\n"), 1):
            if re.match(r"using\s+namespace\b" if not file.is_header else r"\s*using\s+namespace\b", line):
                yield Breach(file.path, number, "using-namespace", "name what is used, or make an alias of the namespace")


def later_marks(files):
    for file in files:
        for number, line in enumerate(file.lines, 1):
            found = LATER_MARKS.search(line)
            if found:
                yield Breach(file.path, number, "later-marks", f"{found.group()}: do it now, or open an issue instead")


def machine_paths(files):
    for file in files:
        for number, line in enumerate(file.lines, 1):
            found = MACHINE_PATH.search(line)
            if found:
                yield Breach(file.path, number, "machine-paths", f"{found.group()} is a path of one machine: find it from the "
                             "file's own place")


def banned_calls(files):
    for file in files:
        if not file.is_code:
            continue
        for number, line in enumerate(file.code.split("\n"), 1):
            for names, advice in BANNED_CALLS:
                found = re.search(rf"(?<![\w.>])(?:{names})\s*\(", line)
                if found and not (file.under("tests") and names in ALLOWED_IN_TESTS):
                    yield Breach(file.path, number, "banned-calls", f"{found.group()}): {advice}")


def clocks(files):
    for file in files:
        if not file.under(*PRODUCT):
            continue
        for number, line in enumerate(file.code.split("\n"), 1):
            raw = RAW_CLOCK.search(line) and file.path not in RAW_CLOCK_FILES
            ours = OUR_CLOCK.search(line) and file.path not in CLOCK_FILES
            if raw or ours:
                yield Breach(file.path, number, "clocks", "ask the Clock of core/base/time.hpp, in a shell" if raw else
                             "time is a parameter: take a Timestamp, or let a shell of CLOCK_FILES ask")


def fuzz_corpora(files, root):
    for file in files:
        found = re.fullmatch(r"tests/fuzz/(\w+_fuzz)\.cpp", file.path)
        if not found:
            continue
        corpus = os.path.join(root, "tests/fuzz/corpus", found.group(1))
        if not os.path.isdir(corpus) or not os.listdir(corpus):
            yield Breach(file.path, 1, "fuzz-corpora", f"no seeds: put some into tests/fuzz/corpus/{found.group(1)}")


def dead_headers(files):
    included = {}
    for file in files:
        for _, name, quoted in file.includes:
            if quoted:
                included.setdefault(name, set()).add(file.path)
    for file in files:
        if file.is_header and not included.get(file.path, set()) - {file.path, file.path[:-3] + "cpp"}:
            yield Breach(file.path, 1, "dead-headers", "nobody else includes it: use it or remove it")


NAMED_TYPE = re.compile(r"(?:class|struct|union|enum(?: class)?) (\w+)(?: final)?(?: :[^:;{].*)? \{")


def named_types(file):
    """(line, name) of each type that a file defines in a namespace with a name: those are one program's."""
    inside = []
    for number, line in enumerate(file.code.split("\n"), 1):
        opened = re.match(r"namespace ?([\w:]*) ?\{", line)
        if opened:
            inside.append(opened.group(1))
        elif line.startswith("}") and not line.startswith("};") and inside and "namespace" in file.lines[number - 1]:
            inside.pop()
        found = NAMED_TYPE.match(line)
        if found and inside and "" not in inside:
            yield number, "::".join((*inside, found.group(1)))


def one_definition(files):
    known = {}
    for file in files:
        if not file.is_code or not file.under(*PRODUCT):
            continue
        for number, name in named_types(file):
            other = known.setdefault(name, file.path)
            if other != file.path:
                yield Breach(file.path, number, "one-definition", f"{other} has another {name}, and the linker keeps one "
                             "destructor of the two: rename one")


RULES = [layers, libraries, file_length, function_length, line_length, white_space, pragma_once, using_namespace, later_marks,
         machine_paths, banned_calls, clocks, dead_headers, one_definition]


def all_breaches(files, root):
    found = [breach for rule in RULES for breach in rule(files)]
    found += fuzz_corpora(files, root)
    return sorted(found, key=lambda breach: (breach.path, breach.line, breach.rule))


RULE_NAMES = sorted(rule.__name__.replace("_", "-") for rule in RULES + [fuzz_corpora])
