"""Collects measurements: prints them as tables while they come, and keeps them for the JSON file."""

import json


class Report:
    def __init__(self):
        self.sections = []

    def section(self, title, columns):
        self._columns = columns
        self._rows = []
        self._widths = [max(len(column), 11) for column in columns]
        self._widths[0] = 38
        self.sections.append({"title": title, "columns": columns, "rows": self._rows})
        print(f"\n{title}")
        self._print(columns)

    def row(self, *cells):
        assert len(cells) == len(self._columns), "a row has a cell for each column"
        self._rows.append(cells)
        self._print(cells)

    def save(self, path):
        path.write_text(json.dumps(self.sections, indent=1) + "\n")

    def _print(self, cells):
        texts = [_text(cell) for cell in cells]
        first, rest = texts[0].ljust(self._widths[0]), zip(texts[1:], self._widths[1:])
        print("  " + first + "".join("  " + text.rjust(width) for text, width in rest), flush=True)


def _text(cell):
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 1000 else f"{cell:.3g}" if abs(cell) < 1 else f"{cell:.2f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
