"""Where each province stands on the tile map: a grid in the country's rough shape, north on top.

One tile a province, neighbours mostly beside each other; made by hand, as such maps are. Bangkok is
not under DLA and has no tile, so that its place reads as the gap that it is.
"""

from __future__ import annotations

ROWS = """
58 50 57 56 55 .. .. .. ..
.. 51 52 54 53 42 43 38 ..
.. 63 64 65 .. 39 41 47 48
.. 62 66 67 36 40 46 49 ..
.. 61 60 18 30 44 45 35 37
71 72 17 16 19 31 32 33 34
70 73 15 14 26 25 27 .. ..
76 74 12 13 24 .. .. .. ..
77 75 .. 11 20 21 22 23 ..
85 86 .. .. .. .. .. .. ..
82 84 80 .. .. .. .. .. ..
83 81 93 .. .. .. .. .. ..
.. 92 90 94 .. .. .. .. ..
.. .. 91 95 96 .. .. .. ..
"""

TILES: dict[str, tuple[int, int]] = {
    code: (row, column)
    for row, line in enumerate(ROWS.split("\n")[1:-1])
    for column, code in enumerate(line.split())
    if code != ".."
}
"""DOPA code of a province → (row, column), from 0."""
COLUMNS = 1 + max(column for _, column in TILES.values())
"""How wide the map is."""
