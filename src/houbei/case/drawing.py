"""The drawing of a case, made from the table that leads it: which stage leads where, on what, under which conditions."""

from houbei.case.edges import ANYWHERE, EDGES, Edge
from houbei.case.stages import ENDS, Stage


def mermaid() -> str:
    """Draw the stages and the ways between them as a Mermaid state diagram; one arrow for all steps that lead the same way."""
    ways: dict[tuple[Stage, Stage], list[str]] = {}
    for edge in EDGES:
        if edge.stage is not None and edge.to is not None and edge.to is not edge.stage:
            steps = ways.setdefault((edge.stage, edge.to), [])
            if edge.what.value not in steps:
                steps.append(edge.what.value)
    arrows = [f"    {before.value} --> {after.value}: {', '.join(steps)}" for (before, after), steps in ways.items()]
    ends = [f"    {stage.value} --> [*]" for stage in Stage if stage in ENDS]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {Stage.REPORTED.value}", *arrows, *ends])


def table() -> str:
    """Write every edge as a row of a Markdown table, in the order in which they are tried."""
    head = ["| at | on | where | to | it does | a person must |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *(_row(edge) for edge in (*EDGES, *ANYWHERE))])


def _row(edge: Edge) -> str:
    at = "any stage" if edge.stage is None else edge.stage.value
    to = "(stays)" if edge.to is None else edge.to.value
    cells = (at, edge.what.value, "; ".join(edge.when), to, "; ".join(edge.does), edge.need or "")
    return f"| {' | '.join(cells)} |"
