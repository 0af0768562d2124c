"""Every planted change of a schema, and each spelling of one, on a server of another version than Debian's.

    planted_test.py PROGRAM VERSION

PROGRAM is the test of snapshots on a real server; it starts its server from the folder that UNDERSTUDY_PG_BIN names.
"""
import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "differential"))
import lab  # noqa: E402


def main():
    program, version = sys.argv[1], sys.argv[2]
    with lab.scratch_folder() as folder:
        environment = os.environ | {"UNDERSTUDY_PG_BIN": lab.server_programs(version, folder)}
        done = subprocess.run([program], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        lab.check(done.returncode == 0, f"PostgreSQL {version}:\n{done.stdout[-20000:]}")


lab.run(main)
