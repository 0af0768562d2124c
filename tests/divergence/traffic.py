"""What the clients of a case say: the language of traffic.txt, and the player that says it.

A line is a session's name, a verb and the rest; one that begins with a space continues the one before. README.md has the
verbs.
"""
import re
import time

import libpq

MIGRATION = "--- migration ---"
QUIET = 0.08  # seconds of silence on both sides of the migration, so that a replay knows where to pause
LINE = re.compile(r"(?:fails (?P<sqlstate>\w{5}): )?(?P<session>\w+) (?P<verb>[a-z]+)(?: (?P<rest>.*))?", re.DOTALL)
STATEMENT = re.compile(r"(?P<name>\w+)(?:\((?P<types>[\w, ]*)\))?: (?P<sql>.*)", re.DOTALL)
WORD = re.compile(r"'(?P<quoted>(?:[^']|'')*)'|(?P<plain>\S+)")
VERBS = ("opens", "says", "prepares", "describes", "executes", "asks", "reads", "copies", "starts", "ends", "closes", "waits")
ARROW = " <- "


class Wrong(Exception):
    """The case is written wrongly, or production answered otherwise than it says."""


class Line:
    def __init__(self, number, text):
        found = LINE.fullmatch(text)
        if not found or found["verb"] not in VERBS:
            raise Wrong(f"traffic.txt:{number}: not understood: {text}")
        self.number, self.text = number, text
        self.session, self.verb, self.rest = found["session"], found["verb"], found["rest"] or ""
        self.sqlstate = found["sqlstate"]


def parse(text):
    """Lines, and None where the migration happens."""
    logical = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(" ") and logical:
            logical[-1] = (logical[-1][0], logical[-1][1] + "\n" + line.strip())
        elif line.strip() and not line.startswith("#"):
            logical.append((number, line.strip()))
    script = [None if line == MIGRATION else Line(number, line) for number, line in logical]
    if script.count(None) != 1:
        raise Wrong(f"traffic.txt has to say '{MIGRATION}' once")
    return script


def values_of(text):
    """Sets of parameters: `1 'two words' null | 3 four ''` are two sets of three."""
    sets = [[]]
    for word in WORD.finditer(text):
        if word["quoted"] is not None:
            sets[-1].append(word["quoted"].replace("''", "'"))
        elif word["plain"] == "|":
            sets.append([])
        else:
            sets[-1].append(None if word["plain"] == "null" else word["plain"])
    return sets


def types_of(text):
    return [name.strip() for name in (text or "").split(",") if name.strip()]


class Player:
    """Plays a script by connections to `conninfo`, to which a session's user and options are added."""

    def __init__(self, conninfo):
        self.conninfo = conninfo
        self.sessions = {}
        self.migrated_at = None  # seconds since 1970: where a replay has to pause

    def play(self, script):
        try:
            for line in script:
                if line is None:
                    time.sleep(QUIET)
                    self.migrated_at = time.time()
                    time.sleep(QUIET)
                else:
                    self.say(line)
        finally:
            for session in self.sessions.values():
                session.close()

    def say(self, line):
        answer = "no error"
        try:
            getattr(self, line.verb)(line)
        except libpq.Refused as refusal:
            answer = refusal.sqlstate
            if answer != line.sqlstate:
                raise Wrong(f"traffic.txt:{line.number}: production refuses it: {answer} {refusal}: {line.text}") from None
        if line.sqlstate and answer != line.sqlstate:
            raise Wrong(f"traffic.txt:{line.number}: {line.sqlstate} is expected, {answer} came: {line.text}")

    def at(self, line):
        if line.session not in self.sessions:
            self.sessions[line.session] = libpq.Connection(f"{self.conninfo} user=postgres")
        return self.sessions[line.session]

    def opens(self, line):
        """a opens as ROLE with SETTING=VALUE SETTING=VALUE"""
        role, _, settings = line.rest.removeprefix("as ").partition(" with ")
        options = " ".join(f"-c {setting}" for setting in settings.split())
        self.sessions[line.session] = libpq.Connection(f"{self.conninfo} user={role} options='{options}'")

    def says(self, line):
        self.at(line).query(line.rest)

    def prepares(self, line):
        """a prepares NAME(TYPE, TYPE): SQL"""
        found = STATEMENT.fullmatch(line.rest)
        if not found:
            raise Wrong(f"traffic.txt:{line.number}: NAME: SQL is expected: {line.text}")
        self.at(line).prepare(found["name"], found["sql"], types_of(found["types"]))

    def describes(self, line):
        self.at(line).describe(line.rest)

    def executes(self, line):
        """a executes NAME <- VALUE VALUE | VALUE VALUE"""
        name, _, values = line.rest.partition(ARROW)
        for each in values_of(values):
            self.at(line).execute(name.strip(), each)

    def asks(self, line):
        """a asks SQL <- VALUE VALUE | VALUE VALUE"""
        sql, _, values = line.rest.partition(ARROW)
        for each in values_of(values):
            self.at(line).ask(sql, each)

    def reads(self, line):
        """a reads SQL <- VALUE VALUE | VALUE VALUE, with the answer in binary"""
        sql, _, values = line.rest.partition(ARROW)
        for each in values_of(values):
            self.at(line).ask(sql, each, binary=True)

    def copies(self, line):
        """a copies COPY … FROM STDIN <- LINE | LINE"""
        sql, _, rows = line.rest.partition(ARROW)
        self.at(line).copy(sql, [row.strip() for row in rows.split("|")])

    def starts(self, line):
        self.at(line).send(line.rest)

    def ends(self, line):
        self.at(line).receive()

    def waits(self, line):
        """a waits SECONDS, saying nothing"""
        time.sleep(float(line.rest))

    def closes(self, line):
        self.sessions.pop(line.session).close()
