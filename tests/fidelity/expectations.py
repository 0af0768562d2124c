"""What must hold of a replay in which nothing has changed; the one place for it. docs/fidelity.md has the reasons.

Shares are per cent of the steps; of the steps compared for `differing` and `outside`, of generated values sent for `unmapped`.
"""
WHOLES = {"differing": "compared", "outside": "compared", "unmapped": "values"}
# What is aimed at, on a quiet machine; docs/fidelity.md has what is reached.
AIM = {
    "differing": 0.1,
    "outside": 0.0,  # of the set that is ambiguous from the capture itself
    "ambiguous": 5.0,
    "tainted": 1.0,
    "unmapped": 2.0,
    "not_compared": 2.0,
}
# What a test may fail for, on two cores that do other things as well: more is broken, less is noise of the machine.
STRICT = {
    "differing": 0.5,
    "outside": 0.2,
    "ambiguous": 5.0,
    "tainted": 2.0,
    "unmapped": 2.0,
    "not_compared": 2.0,
}
ERRORS_APPEARED = 0
LOCK_DEADLOCKS = 0
OPTIONS = ("--sync", "--no-remap")  # a build without them fails


def breaches(figures):
    """What of a strict replay's figures is not as it must be, a sentence each. A figure that is missing is a breach."""
    wrong = []
    for name, limit in STRICT.items():
        value = figures[name]
        whole = figures[WHOLES.get(name, "steps")]
        if value is None:
            wrong.append(f"{name} is not reported")
        elif 100.0 * value > limit * whole:
            wrong.append(f"{name}: {value} of {whole}, {limit} % allowed")
    if figures["errors_appeared"] > ERRORS_APPEARED:
        wrong.append(f"{figures['errors_appeared']} errors appeared: {figures['sqlstates']}")
    if figures["deadlocks"] > LOCK_DEADLOCKS:
        wrong.append(f"{figures['deadlocks']} lock deadlocks in the target's log")
    if figures["compared"] == 0:
        wrong.append("nothing was compared")
    return wrong
