"""A check run over files of any size: cut by account into parts that fit in memory, the parts judged beside each other,
the outcomes written in the order of the bills as filed. The result is that of :func:`checks.engine.check` on the whole
table, to the byte."""

from checks.runs.engines import Cluster, ClusterUnreachable, Engine, InProcess, engine_at
from checks.runs.parts import RulesDiffer
from checks.runs.run import Checked, check_files
from checks.runs.tally import FoundCause, Tally

__all__ = [
    "Checked",
    "Cluster",
    "ClusterUnreachable",
    "Engine",
    "FoundCause",
    "InProcess",
    "RulesDiffer",
    "Tally",
    "check_files",
    "engine_at",
]
