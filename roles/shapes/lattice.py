"""Ways from one role to another over the moves between them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

import networkx as nx

from roles.shapes.gap import Shape, gap

MOST_LOOKED_AT = 100  # ways; more may tie, and then the first of these win


@dataclass(frozen=True)
class Route:
    """Roles from start to end (their keys) and the levels to gain at each step."""

    roles: tuple[str, ...]
    gaps: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.gaps)

    @property
    def moves(self) -> int:
        return len(self.gaps)


def routes(
    shapes: Mapping[str, Shape],
    edges: Iterable[tuple[str, str]],
    start: str,
    end: str,
    *,
    prefer: str = "gap",
    most: int = 3,
) -> Sequence[Route]:
    """Up to `most` ways without a loop, best first.

    `prefer`: `gap` for the fewest levels to gain, `moves` for the fewest moves; the other one breaks a tie, and the
    keys of the roles break the rest, so the answer is the same every time.
    """
    if start == end or start not in shapes or end not in shapes:
        return []
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sorted(shapes))
    # One number orders by the first wish and then by the other: no way has a million moves or levels.
    big = 1_000_000
    for here, there in sorted(set(edges)):
        levels = gap(shapes[here], shapes[there])
        weight = levels * big + 1 if prefer == "gap" else big + levels
        graph.add_edge(here, there, weight=weight, levels=levels)

    def cost(path: Sequence[str]) -> int:
        return sum(graph[here][there]["weight"] for here, there in pairwise(path))

    found: list[list[str]] = []
    try:
        for path in islice(nx.shortest_simple_paths(graph, start, end, weight="weight"), MOST_LOOKED_AT):
            if len(found) >= most and cost(path) > cost(found[-1]):
                break  # all that tie with the last one wanted are there
            found.append(path)
    except nx.NetworkXNoPath:
        return []
    found = sorted(found, key=lambda path: (cost(path), path))[:most]
    return [Route(tuple(path), tuple(graph[a][b]["levels"] for a, b in pairwise(path))) for path in found]
