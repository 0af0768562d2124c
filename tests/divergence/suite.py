"""Cases one after the other, or some at a time: what is said of each as it comes."""
import concurrent.futures
import traceback

import case as cases
import judge
import libpq
import traffic
from bench import lab


def tried(scene, case):
    """(verdicts, none) or (none, what went wrong with the case itself)."""
    try:
        outcomes = scene.run(case)
    except (lab.Failure, traffic.Wrong, libpq.Refused) as failure:
        return [], str(failure)
    except Exception:  # pylint: disable=broad-except
        return [], traceback.format_exc()
    return [judge.Verdict(case, phase, outcomes[phase]) for phase in cases.PHASES], None


def play(chosen, scene, jobs=1):
    """Verdicts of all cases, printed as they come; and those that could not be played."""
    verdicts, broken = [], []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for case, (judged, failure) in zip(chosen, pool.map(lambda case: tried(scene, case), chosen)):
            for verdict in judged:
                lab.say("\n".join(verdict.lines()))
            if failure:
                lab.say(f"{'BROKEN':<12} {case.name}: {failure}")
                broken.append({"case": case.name, "reason": failure})
            verdicts += judged
    return verdicts, broken
