#!/usr/bin/env python3
"""Checks the house rules over the source tree, after showing on small trees that each rule can fail.

usage: tidy_test.py ROOT          breaches as path:line: rule: what to do instead; exit code 1 if there are any
       tidy_test.py --self-test   the small trees only
"""

import os
import sys
import tempfile

sys.dont_write_bytecode = True
import house_rules  # noqa: E402
from source_tree import functions, read_tree  # noqa: E402

# A tree without a breach: each case below changes or adds files.
CLEAN = {
    "core/base/error.hpp": "#pragma once\n\nint error_code();\n",
    "core/base/error.cpp": '#include "core/base/error.hpp"\n\nint error_code() {\n    return 1\'000;\n}\n',
    "core/model/ids.hpp": '#pragma once\n\n#include "core/base/error.hpp"\n',
    "core/store/file.cpp": '#include <zstd.h>\n\n#include "capture.pb.h"\n#include "core/model/ids.hpp"\n',
    "app/main.cpp": '#include "core/model/ids.hpp"\n\n// strcpy(a, b) in a comment, and in a text:\n'
                    'const char* text = "rand() system_clock::now()";\n\nint main() { return 0; }\n',
    "tests/unit/core/base/error_test.cpp": '#include <iostream>\n\n#include "core/base/error.hpp"\n',
    "tests/fuzz/byte_fuzz.cpp": "int size;\n",
    "tests/fuzz/corpus/byte_fuzz/seed": "x",
}

LONG_FUNCTION = "int f(int a) {\n" + "    ++a;\n" * house_rules.MAX_FUNCTION_LINES + "    return a;\n}\n"
LONG_CONSTRUCTOR = "X::X(int a)\n    : a_(a),\n      b_{a} {\n" + "    ++a;\n" * house_rules.MAX_FUNCTION_LINES + "}\n"

# (rule, file, content, how many breaches): the file is added to the clean tree, and only that rule must speak.
CASES = [
    ("layers", "core/model/a.cpp", '#include "core/store/b.hpp"\n', 1),
    ("layers", "core/net/a.cpp", '#include "core/store/b.hpp"\n', 1),
    ("layers", "replay/plan/a.cpp", '#include "capture/b.hpp"\n', 1),
    ("layers", "core/base/a.cpp", '#include "app/b.hpp"\n', 1),
    ("layers", "app/a.cpp", '#include "tests/support/b.hpp"\n', 1),
    ("layers", "app/a.cpp", '#include "no_such.hpp"\n', 1),
    ("layers", "core/misc/a.cpp", "int a;\n", 1),
    ("libraries", "core/pgwire/a.cpp", "#include <openssl/evp.h>\n", 1),
    ("libraries", "core/sql/a.hpp", "#pragma once\n#include <pg_query.h>\n", 1),
    ("libraries", "compare/a.cpp", '#include "capture.pb.h"\n', 1),
    ("libraries", "core/store/a.hpp", "#pragma once\n#include <zstd.h>\n#include <sodium.h>\n", 2),
    ("libraries", "capture/a.cpp", "#include <pcap/pcap.h>\n", 1),
    ("libraries", "replay/plan/a.cpp", "#include <boost/asio/post.hpp>\n", 1),
    ("libraries", "app/a.cpp", "#include <boost/beast/http.hpp>\n", 1),
    ("libraries", "schema/check/a.cpp", "#include <pqxx/pqxx>\n#include <libpq-fe.h>\n#include <CLI/CLI.hpp>\n", 3),
    ("libraries", "app/a.cpp", "#include <iostream>\n#include <regex>\n", 2),
    ("file-length", "app/a.cpp", "int a;\n" * (house_rules.MAX_FILE_LINES + 1), 1),
    ("function-length", "app/a.cpp", LONG_FUNCTION, 1),
    ("function-length", "app/a.cpp", LONG_CONSTRUCTOR, 1),
    ("function-length", "app/a.cpp", "namespace a {\nclass B {\n" + LONG_FUNCTION + "};\n}  // namespace a\n", 1),
    ("line-length", "app/a.cpp", "// " + "a" * house_rules.MAX_COLUMNS + "\n", 1),
    ("white-space", "app/a.cpp", "\tint a;\nint b; \nint c;", 3),
    ("pragma-once", "tests/support/c.hpp", "int c;\n", 1),
    ("using-namespace", "app/a.cpp", "using namespace std;\n", 1),
    ("using-namespace", "tests/support/c.hpp", "#pragma once\n    using namespace std;\n", 1),
    ("later-marks", "tools/a", "# TO" + "DO: all of it\n", 1),
    ("machine-paths", "tools/a", "cd /wo" + "rk/main && ls /ro" + "ot\n", 1),
    ("banned-calls", "app/a.cpp", "int f() {\n    strcpy(a, b);\n    std::sprintf(a, b);\n    return rand();\n}\n", 3),
    ("banned-calls", "tools/a.cpp", "int f() { return std::system(a); }\n", 1),
    ("clocks", "compare/a.cpp", "auto a = std::chrono::steady_clock::now();\nauto b = system_clock().now();\n", 2),
    ("clocks", "app/a.cpp", "auto a = time(nullptr);\n", 1),
    ("fuzz-corpora", "tests/fuzz/word_fuzz.cpp", "int size;\n", 1),
    ("one-definition", "app/c.cpp", "namespace a::b {\nnamespace {\nstruct C {};\nclass Pair {\n};\n}  // namespace\n"
     "class Pair {\n};\nstruct Alone {\n};\n}  // namespace a::b\nnamespace a {\nclass Pair {\n};\n}  // namespace a\n", 1),
    ("dead-headers", "app/a.hpp", "#pragma once\n", 1),
]
# What the cases include, so that only the rule in question is broken.
HELPERS = {
    "core/store/b.hpp": "#pragma once\n", "capture/b.hpp": "#pragma once\n",
    "app/b.hpp": "#pragma once\n\nnamespace a::b {\nclass Pair {\n};\n}  // namespace a::b\n",
    "tests/support/b.hpp": "#pragma once\n",
    "tests/support/use.cpp": "".join(f'#include "{name}"\n' for name in (
        "core/store/b.hpp", "capture/b.hpp", "app/b.hpp", "tests/support/b.hpp")),
}


def breaches_of(content):
    """The breaches in a tree of these files."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in content.items():
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8", newline="") as file:
                file.write(text)
        return house_rules.all_breaches(read_tree(root), root)


def self_test():
    """What is wrong with the rules themselves, one line each."""
    wrong = [f"the clean tree: {breach}" for breach in breaches_of({**CLEAN, **HELPERS})]
    for rule, path, content, count in CASES:
        extra = {path: content}
        if path.endswith(".hpp") and rule != "dead-headers":
            extra["tests/support/use_case.cpp"] = f'#include "{path}"\n'
        found = breaches_of({**CLEAN, **HELPERS, **extra})
        if [breach.rule for breach in found] != [rule] * count or any(breach.path != path for breach in found):
            wrong.append(f"{path}: {count} of {rule} expected, found {[str(breach) for breach in found]}")
    without_case = set(house_rules.RULE_NAMES) - {case[0] for case in CASES}
    wrong += [f"{rule}: no case shows that it can fail" for rule in sorted(without_case)]
    return wrong


def main(arguments):
    if len(arguments) != 1:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    wrong = self_test()
    for line in wrong:
        print(f"self-test: {line}")
    if arguments[0] == "--self-test" or wrong:
        print(f"self-test: {len(CASES)} cases, {len(wrong)} wrong")
        return 1 if wrong else 0
    files = read_tree(arguments[0])
    # A tree in which no function is found would pass every rule.
    if sum(1 for file in files for _ in functions(file.code)) == 0:
        print(f"no C++ below {arguments[0]}: wrong folder?", file=sys.stderr)
        return 2
    breaches = house_rules.all_breaches(files, arguments[0])
    for breach in breaches:
        print(breach)
    print(f"{len(files)} files, {len(house_rules.RULE_NAMES)} rules, {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
