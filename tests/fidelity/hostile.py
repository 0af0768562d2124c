"""hostile_workload on its data: loaded, played, replayed, and what came of it."""
import os

import figures
import final_state
from stage import HERE, RECORDED


def load(scene):
    scene.load(os.path.join(HERE, "schema.sql"))


def command(workload, sessions, seed, requests, think_us):
    """For Stage.record()."""
    return lambda conninfo: [workload, "--conninfo", conninfo, "--sessions", str(sessions), "--seed", str(seed),
                             "--requests", str(requests), "--think-us", str(think_us)]


def played(scene, recording, setting, options):
    """The figures of one replay into a fresh copy, or nothing when it gave no file or report."""
    replay = scene.replay(recording, options)
    if replay.report is None:
        scene.log(f"  {setting}: exit code {replay.code}, no comparison: {replay.said}")
        return None
    final = final_state.differing(final_state.HOSTILE, (scene.production, RECORDED), (scene.staging, replay.database))
    result = figures.row(scene, recording, replay, final)
    scene.log(f"  {' '.join(setting.values())}: {result['differing']} of {result['compared']} steps differ {result['kinds']}, "
              f"{result['deadlocks']} deadlocks, final state {result['final_differing']} of {result['final_rows']} rows, "
              f"{result['replay_s']} s (recorded {result['recorded_s']} s)")
    return result
