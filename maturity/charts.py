"""Tables -> figures. The one home of plotly, and of the colours and signs of every state.

Colours follow the Okabe-Ito palette, which people with colour-blindness can tell apart; a sign stands beside each.
Figures are plain dicts: `go.Figure(..., skip_invalid=True)` does not check what is built here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

# State -> (sign, background, ink on it). Signs are read before colours, in print and by the colour-blind.
PRACTICE = {
    "adopted": ("✓", "#0b5cad", "#ffffff"),
    "stale": ("◔", "#9cc7f0", "#10243a"),
    "partial": ("½", "#f2d479", "#3a2c00"),
    "lapsed": ("✗", "#c44601", "#ffffff"),
    "contradicted": ("≠", "#7a1414", "#ffffff"),
    "not_adopted": ("–", "#dadfe5", "#262b33"),
    "unassessed": ("?", "#f3f5f7", "#4a525e"),
    "exempt": ("·", "#c9b8d8", "#2d1b3d"),
    "not_asked": (" ", "#ffffff", "#4a525e"),
}
BUDGET = {
    "exhausted_and_still_burning": ("‼", "#7a1414", "#ffffff"),
    "exhausted": ("✗", "#c44601", "#ffffff"),
    "at_risk": ("!", "#f2d479", "#3a2c00"),
    "met": ("✓", "#0b5cad", "#ffffff"),
    "met_unspent": ("◇", "#9cc7f0", "#10243a"),
    "too_little_traffic": ("…", "#c9b8d8", "#2d1b3d"),
    "no_data": ("?", "#dadfe5", "#262b33"),
}
TOO_LITTLE = "too_little_traffic"  # one failure is more than the whole budget: its figures are told, and not judged
# Course of a practice, worst first.
TREND = {
    "falling": ("↘", "#c44601", "#ffffff"),
    "stalled": ("→", "#f2d479", "#3a2c00"),
    "spreading": ("↗", "#0b5cad", "#ffffff"),
    "everywhere": ("✓", "#9cc7f0", "#10243a"),
    "not_begun": ("–", "#dadfe5", "#262b33"),
    "not_asked": (" ", "#ffffff", "#4a525e"),
}
# What stands on the timeline of a risk record. The strongest colour is kept for a record that nobody moves;
# the line after `today` and `buried` has their colour, so it is at least 3:1 on both backgrounds.
LOG = {
    "found": ("◎", "#c9b8d8", "#2d1b3d"),
    "investigation": ("?", "#dadfe5", "#262b33"),
    "decision": ("◆", "#9cc7f0", "#10243a"),
    "provisional_fix": ("◔", "#9cc7f0", "#10243a"),
    "permanent_fix": ("✓", "#0b5cad", "#ffffff"),
    "measurement": ("≈", "#dadfe5", "#262b33"),
    "progress": ("→", "#9cc7f0", "#10243a"),
    "postponed": ("↷", "#f2d479", "#3a2c00"),
    "recurrence": ("↻", "#e58a4e", "#2b1200"),
    "merge": ("+", "#dadfe5", "#262b33"),
    "closed": ("✓", "#0b5cad", "#ffffff"),
    "note": ("·", "#dadfe5", "#262b33"),
    "incident": ("✗", "#e58a4e", "#2b1200"),
    "today": ("…", "#656e7a", "#ffffff"),
    "buried": ("‼", "#c44601", "#ffffff"),
}
_LEVELS = ["#dadfe5", "#c7dcf2", "#8fbce8", "#3f86cc", "#0b4a8c"]  # from no level to the highest
# Sum of likelihood and impact band -> colour; order is always by the number, colour is a guide.
_RISK = {range(2, 6): "#d7e6f5", range(6, 7): "#f2d479", range(7, 8): "#e58a4e", range(8, 11): "#a33a1a"}
# Mid tones: at least 3:1 on the white and on the dark background.
LINES = ["#2a7bd0", "#d55e00", "#14906a", "#a87400", "#a25fc0", "#4f89b0", "#7f8794", "#d6336c"]
_MUTED = "#6f7884"
_DEEPEST = -3.0  # where the axis of a burn-down ends


def letters(states: Iterable[str]) -> dict[str, str]:
    """A letter for each state, by which choices.js finds it in the list of `signs`."""
    return {state: chr(ord("a") + place) for place, state in enumerate(states)}


def signs(states: Mapping[str, tuple[str, str, str]], words: Mapping[str, str]) -> list[dict[str, Any]]:
    """The states of a picture, each with its sign, word and colours, in the order of their letters."""
    return [
        {"key": key, "sign": sign, "word": words[key], "paper": paper, "ink": ink}
        for key, (sign, paper, ink) in states.items()
    ]


# States of a practice over months, from the foot of a column up.
IN_HISTORY = ("adopted", "stale", "partial", "lapsed", "contradicted", "not_adopted", "exempt", "unassessed")


def level_spread(frame: pd.DataFrame, names: dict[int, str], labels: dict[str, str]) -> go.Figure:
    """Number of products at each level over months. `frame`: month, level, products; `names` of the levels, from 0."""
    table = frame.pivot(index="month", columns="level", values="products").fillna(0)
    shades = [_LEVELS[round(i * (len(_LEVELS) - 1) / max(1, len(names) - 1))] for i in range(len(names))]
    traces = [
        {
            "type": "bar", "name": name, "x": list(table.index),
            "y": [int(n) for n in table[level]] if level in table else [0] * len(table),
            "marker": {"color": shade, "line": {"width": 1, "color": _MUTED}},
            "hovertemplate": "%{x}: %{y}<extra>" + name + "</extra>",
        }
        for (level, name), shade in zip(names.items(), shades, strict=True)
    ]  # fmt: skip
    layout = _layout(height=320) | {
        "barmode": "stack", "legend": _below(),
        "xaxis": {"title": {"text": labels["month"]}, "type": "category"},
        "yaxis": {"title": {"text": labels["products"]}, "dtick": 1 if table.sum(axis=1).max() <= 12 else None},
    }  # fmt: skip
    return _figure(traces, layout)


def practice_history(frame: pd.DataFrame, labels: dict[str, str]) -> go.Figure:
    """Number of products in each state over months, for one practice. `frame`: month and a column a state.

    Which colour is which state stands over it, as badges: eight names in the figure leave no room for it on a phone.
    """
    traces = []
    for state in IN_HISTORY:
        sign, colour, _ = PRACTICE[state]
        name = f"{sign} {labels[state]}"
        traces.append(
            {
                "type": "bar",
                "name": name,
                "x": list(frame["month"]),
                "y": list(frame[state]),
                "marker": {"color": colour, "line": {"width": 1, "color": _MUTED}},
                "hovertemplate": "%{x}: %{y}<extra>" + name + "</extra>",
            }
        )
    layout = _layout(height=320) | {
        "barmode": "stack", "showlegend": False,
        "xaxis": {"title": {"text": labels["month"]}, "type": "category"},
        "yaxis": {"title": {"text": labels["products"]}, "dtick": 1 if frame["products"].max() <= 12 else None},
    }  # fmt: skip
    return _figure(traces, layout)


def spent_by_month(frame: pd.DataFrame, labels: dict[str, str]) -> go.Figure:
    """What each month alone spent of the budget it earned; the line at 100 % is all of it.

    `frame`: month, spent, state (met, exhausted or too_little_traffic), shown (spent in words).
    """
    trace = {
        "type": "bar", "x": list(frame["month"]), "y": [None if pd.isna(v) else float(v) for v in frame["spent"]],
        "marker": {"color": [BUDGET[state][1] for state in frame["state"]]},
        "text": list(frame["shown"]), "textposition": "auto", "textangle": 0, "insidetextanchor": "end",
        "insidetextfont": {"color": [BUDGET[state][2] for state in frame["state"]]}, "cliponaxis": False,
        "hovertemplate": "%{x}: %{text}<extra></extra>",
    }  # fmt: skip
    layout = _layout(height=280) | {
        "shapes": [_line_at(1, LINES[1], "solid")],
        "uniformtext": {"minsize": 9, "mode": "hide"},
        "xaxis": {"title": {"text": labels["month"]}, "type": "category"},
        "yaxis": {"title": {"text": labels["spent"]}, "tickformat": ".0%", "rangemode": "tozero"},
    }
    return _figure([trace], layout)


def burn_down(
    frame: pd.DataFrame,
    incidents: pd.DataFrame,
    targets: pd.DataFrame,
    corrections: pd.DataFrame,
    labels: dict[str, str],
) -> go.Figure:
    """Budget left of one SLO by day, with incidents, target changes, corrections and days without data.

    `frame`: day, budget_left, measured_left, even_left (ratios, NULL is a gap), measured (bool); `incidents`: day,
    budget_left, text; `targets`: day, text; `corrections`: day, budget_left, text. The budget as measured is drawn
    only where there are corrections, even spending only where the window has an end.
    """
    days = [f"{day:%Y-%m-%d}" for day in frame["day"]]
    lowest = frame["budget_left"].min()
    left, uncorrected, even = (
        [None if pd.isna(value) else round(float(value), 6) for value in frame[column]]
        for column in ("budget_left", "measured_left", "even_left")
    )
    line = {
        "type": "scatter", "mode": "lines", "name": labels["left"], "x": days, "y": left, "connectgaps": False,
        "line": {"color": LINES[0], "width": 2}, "hovertemplate": "%{x}: %{y:.1%}<extra></extra>",
    }  # fmt: skip
    marks = {
        "type": "scatter", "mode": "markers", "name": labels["incident"],
        "x": [f"{day:%Y-%m-%d}" for day in incidents["day"]], "y": list(incidents["budget_left"]),
        "text": list(incidents["text"]), "hovertemplate": "%{x}<br>%{text}<extra></extra>",
        "marker": {"symbol": "triangle-down", "size": 13, "color": LINES[1], "line": {"width": 1, "color": "#ffffff"}},
    }  # fmt: skip
    traces = [line, marks]
    if len(corrections):
        thin = {"color": _MUTED, "width": 1, "dash": "dot"}
        traces.insert(0, line | {"name": labels["measured_left"], "y": uncorrected, "line": thin})
        traces.append(
            marks | {
                "name": labels["correction"], "x": [f"{day:%Y-%m-%d}" for day in corrections["day"]],
                "y": list(corrections["budget_left"]), "text": list(corrections["text"]),
                "marker": {"symbol": "square-open", "size": 9, "color": LINES[2], "line": {"width": 2}},
            }
        )  # fmt: skip
    if frame["even_left"].notna().any():
        thin = {"color": LINES[3], "width": 1}
        traces.insert(0, line | {"name": labels["even_left"], "y": even, "line": thin})
    shapes = [_line_at(0, LINES[1], "solid"), _line_at(1, _MUTED, "dot")]
    for first, last in _gaps(frame):
        shapes.append(
            {"type": "rect", "xref": "x", "yref": "paper", "x0": first, "x1": last, "y0": 0, "y1": 1,
             "fillcolor": "rgba(128,128,128,0.25)", "line": {"width": 0}, "layer": "below"}
        )  # fmt: skip
    notes = []
    for change in targets.itertuples():
        day = f"{change.day:%Y-%m-%d}"
        shapes.append({"type": "line", "xref": "x", "yref": "paper", "x0": day, "x1": day, "y0": 0, "y1": 1,
                       "line": {"color": _MUTED, "width": 1, "dash": "dash"}})  # fmt: skip
        notes.append(
            {"x": day, "y": 1.0, "yref": "paper", "yanchor": "bottom", "text": change.text, "showarrow": False}
        )
    # A few early days with almost no events can be thousands of per cent deep; they would flatten all others.
    deep = lowest < _DEEPEST
    if deep:
        notes.append({"x": 1, "xref": "paper", "xanchor": "right", "y": 0, "yref": "paper", "yanchor": "bottom",
                      "text": labels["deeper"], "showarrow": False})  # fmt: skip
    layout = _layout(height=380) | {
        "shapes": shapes, "annotations": notes, "legend": _below(), "showlegend": True,
        "xaxis": {"title": {"text": labels["day"]}, "type": "date", "nticks": 7, "tickangle": 0,
                  "tickformatstops": [{"dtickrange": [None, "M1"], "value": "%Y-%m-%d"},
                                      {"dtickrange": ["M1", None], "value": "%Y-%m"}]},
        "yaxis": {"title": {"text": labels["left"]}, "tickformat": ".0%", "range": [_DEEPEST, 1.05] if deep else None},
    }  # fmt: skip
    return _figure(traces, layout)


def risk_totals(frame: pd.DataFrame, labels: dict[str, str]) -> go.Figure:
    """What the open risks of each product take of a year's budget, the most first; the line is the whole budget.

    `frame`: name, largest, others, factors (ratios that add up), shown (their sum in words).
    """
    rows = frame.iloc[::-1]
    parts = (("largest", LINES[1]), ("others", LINES[0]), ("factors", LINES[3]))
    traces = [
        {
            "type": "bar", "orientation": "h", "name": labels[part], "x": list(rows[part]), "y": list(rows["name"]),
            "marker": {"color": colour}, "hovertemplate": "%{y}: %{x:.1%}<extra>" + labels[part] + "</extra>",
        }
        for part, colour in parts
    ]  # fmt: skip
    ends = [float(sum(values)) for values in zip(*(rows[part] for part, _ in parts), strict=True)]
    traces.append({
        "type": "scatter", "mode": "text", "x": ends, "y": list(rows["name"]),
        "text": [f"\u2002{shown}" for shown in rows["shown"]],  # off the end of its bar
        "textposition": "middle right", "cliponaxis": False, "hoverinfo": "skip", "showlegend": False,
    })  # fmt: skip
    widest = max([1.0, *ends])
    layout = _layout(height=130 + 34 * max(2, len(rows))) | {
        "barmode": "stack", "legend": _below() | {"traceorder": "normal"},  # as the parts follow each other
        "xaxis": {"title": {"text": labels["value"]}, "tickformat": ".0%", "range": [0, widest * 1.15]},
        "yaxis": {"automargin": True},
        "shapes": [{"type": "line", "x0": 1, "x1": 1, "y0": 0, "y1": 1, "yref": "paper",
                    "line": {"dash": "dash", "color": _MUTED}}],
    }  # fmt: skip
    return _figure(traces, layout)


def expected_and_seen(frame: pd.DataFrame, labels: dict[str, str]) -> go.Figure:
    """Bad minutes of each quarter as today's estimates expect them, and those of its incidents.

    `frame`: quarter, expected_min, seen_min.
    """
    traces = [
        {
            "type": "bar", "name": labels["seen"], "x": list(frame["quarter"]), "y": list(frame["seen_min"]),
            "marker": {"color": LINES[1]}, "hovertemplate": "%{x}: %{y:.1f}<extra>" + labels["seen"] + "</extra>",
        },
        {
            "type": "scatter", "mode": "lines", "name": labels["expected"], "x": list(frame["quarter"]),
            "y": list(frame["expected_min"]), "line": {"color": LINES[0], "dash": "dash", "width": 3},
            "hovertemplate": "%{x}: %{y:.1f}<extra>" + labels["expected"] + "</extra>",
        },
    ]  # fmt: skip
    layout = _layout(height=320) | {
        "legend": _below(),
        "xaxis": {"title": {"text": labels["quarter"]}, "type": "category"},
        "yaxis": {"title": {"text": labels["minutes"]}, "rangemode": "tozero"},
    }
    return _figure(traces, layout)


def risk_colours(likelihood: int, impact: int) -> tuple[str, str]:
    """Background and ink of a square of the risk grid; both bands are 1 to 5."""
    total = likelihood + impact
    return next(colour for span, colour in _RISK.items() if total in span), "#ffffff" if total >= 8 else "#10243a"


def badge(state: str) -> tuple[str, str, str]:
    """(sign, background, ink) of a practice or budget state."""
    return PRACTICE.get(state) or BUDGET[state]


class _Figure(go.Figure):
    """A figure that nobody changes once it is made: it is told to many browsers and copied for none."""

    def to_dict(self) -> dict:
        """As plotly tells it, the same dict each time."""
        if "_told" not in self.__dict__:
            self._told = super().to_dict()
        return self._told


def _figure(traces: list[dict], layout: dict) -> go.Figure:
    return _Figure({"data": traces, "layout": layout}, skip_invalid=True)


def _layout(height: int) -> dict:
    return {
        "height": height,
        "margin": {"l": 10, "r": 10, "t": 30, "b": 10},
        "dragmode": False,
        "hovermode": "closest",
        "hoverdistance": -1,
    }


def _below() -> dict:
    """Place of a legend: at the foot of the figure, which keeps room for it however many lines it takes on a phone."""
    return {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0, "xanchor": "left"}


def _line_at(y: float, colour: str, dash: str) -> dict:
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y,
            "line": {"color": colour, "width": 1, "dash": dash}}  # fmt: skip


def _gaps(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """First and last day of each run of days that nothing was measured on."""
    runs: list[list[str]] = []
    previous = None
    for day, measured in zip(frame["day"], frame["measured"], strict=True):
        if not measured:
            if previous is not None and previous == day - pd.Timedelta(days=1) and runs:
                runs[-1][1] = f"{day:%Y-%m-%d}"
            else:
                runs.append([f"{day:%Y-%m-%d}", f"{day:%Y-%m-%d}"])
            previous = day
    return [(first, last) for first, last in runs]
