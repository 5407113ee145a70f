"""Fifty workers killed by SIGKILL in two hundred jobs, on SQLite and on PostgreSQL: no job lost, none done twice.

python bench/killed_workers.py [--kills 50] [--jobs 200]

Three workers carry the jobs out; each one killed is replaced, and its job waits for its lease to run out. The lease is 3 s on a
quiet machine and up to 20 s on a busy one: ten times what a first job takes. With a fixed lease of 3 s a worker that is slow and
not dead, held up by a load of 15 on two cores, is overtaken; nothing is lost or done twice then either, because whoever lost
the lease writes nothing, but the run ends with an error for the second start. The test suite does the same with 20 and 60
(tests/jobs/test_job_kill.py); ends with an error where a job is lost, done twice, or begun while another worker has it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEST = "tests/jobs/test_job_kill.py"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=200)
    asked = parser.parse_args()
    failed = 0
    for database in ("sqlite", "postgresql"):
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-n0", TEST, "-k", f"killed_workers and {database}"],
            check=False,
            cwd=ROOT,
            env={**os.environ, "KILLED_WORKERS": f"{asked.kills}/{asked.jobs}"},
            capture_output=True,
            text=True,
        )
        verdict = "none lost, none done twice" if done.returncode == 0 else done.stdout
        print(
            f"{database}: {asked.kills} kills, {asked.jobs} jobs, {time.monotonic() - began:.0f} s: {verdict}"
        )
        failed += done.returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
