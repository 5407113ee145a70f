"""Judges files in children one after the other and says, for each, its edits and what the largest child needed.

python bounded_child.py < one JSON object a line: path, filename
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from ingest.child import ChildLimits, judge_in_child

PROCESSOR_SECONDS = 30


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        judged = judge_in_child(
            Path(asked["path"]),
            feed="bills",
            period="2025-12",
            filename=asked["filename"],
            child_limits=ChildLimits(processor_seconds=PROCESSOR_SECONDS),
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        told = {
            "edits": judged.edits.column("edit_id").to_pylist()[:3],
            "verdict": judged.verdict,
            "largest_kib": after.ru_maxrss,
            "processor": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 2),
        }
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
