"""The files of the source tree, and C++ text without what only looks like code."""

import os
import re
from dataclasses import dataclass

SKIPPED_FOLDERS = {".git", "build", "__pycache__", "corpus"}
CODE = (".cpp", ".hpp")
TEXT = CODE + (".py", ".md", ".txt", ".sh", ".sql", ".proto", ".json", ".yaml", ".yml", ".cmake")
TEXT_NAMES = {"CMakeLists.txt", "Dockerfile", "Dockerfile.dockerignore", ".clang-format", ".clang-tidy", ".gitignore"}


@dataclass(frozen=True)
class Breach:
    path: str
    line: int
    rule: str
    advice: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.advice}"


class SourceFile:
    """One text file. `code` is its C++ text with comments, literals and directives blanked, line for line."""

    def __init__(self, root, path):
        self.path = path
        with open(os.path.join(root, path), encoding="utf-8", errors="replace", newline="") as file:
            self.text = file.read()
        self.lines = self.text.split("\n")
        self.is_code = path.endswith(CODE)
        self.is_header = path.endswith(".hpp")
        self.code = blank_directives(blank_literals(self.text)) if self.is_code else ""
        self.includes = list(find_includes(self.text)) if self.is_code else []

    def under(self, *folders):
        return any(self.path.startswith(folder + "/") for folder in folders)


def read_tree(root):
    """All text files below `root`, sorted by path."""
    files = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS)
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")
            script = path.startswith(("tools/", ".ci/")) and "." not in name
            if name in TEXT_NAMES or path.endswith(TEXT) or script:
                files.append(SourceFile(root, path))
    return sorted(files, key=lambda file: file.path)


def find_includes(text):
    """(line, name, quoted) of each #include."""
    for number, line in enumerate(text.split("\n"), 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if found:
            yield number, found.group(2), found.group(1) == '"'


LITERAL = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<raw>\bR"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)")
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<separator>(?<=[0-9a-fA-F])'(?=[0-9a-fA-F]))
      | (?P<char>'(?:\\.|[^'\\\n])+')""",
    re.VERBOSE | re.DOTALL)


def blank_literals(text):
    """Comments, strings and characters become spaces; their line ends stay."""
    return LITERAL.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def blank_directives(code):
    """Preprocessor lines become spaces, with the lines that a backslash adds to them."""
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda found: re.sub(r"[^\n]", " ", found.group()), code,
                  flags=re.MULTILINE)


TYPE_HEAD = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")


def outside_parentheses(text):
    """The text without what stands in parentheses, which become one '()' each."""
    kept, depth = [], 0
    for char in text:
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                kept.append("()")
        elif depth <= 0:
            kept.append(char)
    return "".join(kept)


def opens_function(head):
    """Whether a brace after `head` begins a function's body: a parameter list, and neither a type nor a value."""
    flat = outside_parentheses(head)
    if "()" not in flat:
        return False
    declaration = re.sub(r"\boperator\s*[^\s\w(]+", "operator", flat.split("()", 1)[0])
    if "=" in declaration:
        return False
    return not TYPE_HEAD.search(re.sub(r"<[^<>]*>", "", declaration)) or "operator" in declaration


def functions(code):
    """(first line, lines) of each function body with its head; lambdas belong to the function around them.

    Braces are counted. One that follows a name without a space is an initialiser, as clang-format writes it.
    """
    stack, head, head_line, line, inside = [], "", 1, 1, 0
    previous = " "
    for char in code:
        if char == "\n":
            line += 1
        if char == "{":
            initialiser = previous.isalnum() or previous in "_>,({="
            is_function = not inside and not initialiser and opens_function(head)
            stack.append((is_function, head_line, initialiser and not inside))
            inside += is_function
            if not inside and not initialiser:
                head = ""
        elif char == "}" and stack:
            is_function, first, initialiser = stack.pop()
            if is_function:
                inside -= 1
                yield first, line - first + 1
            if not inside and not initialiser:
                head = ""
        elif char == ";" and not inside:
            head = ""
        elif not inside:
            if not head.strip():
                head, head_line = "", line
            head += char
        previous = char
