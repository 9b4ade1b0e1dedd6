"""The yardstick: an adoption map of 200 x 50 and 100 lines over 24 months in plain Plotly Dash.

Run by a Python of its own that has `dash` (bench/requirements-dash.lock): `python dash_page.py PORT ROWS LINES`.
"""

import random
import sys

from dash import Dash, Input, Output, dcc, html
from plotly import graph_objects as go

PORT, ROWS, LINES = map(int, sys.argv[1:])
COLUMNS, MONTHS = 50, [f"{2024 + i // 12}-{1 + i % 12:02}" for i in range(6, 30)]
chance = random.Random(7)
states = [[chance.randrange(8) for _ in range(COLUMNS)] for _ in range(ROWS)]
lines = [[chance.random() for _ in MONTHS] for _ in range(LINES)]

app = Dash(__name__)
app.layout = html.Div(
    [
        html.H1("Practices"),
        dcc.Dropdown(["1", "2", "3", "4"], [], multi=True, id="tier"),
        dcc.Graph(id="map"),
        dcc.Graph(id="lines"),
    ]
)


@app.callback(Output("map", "figure"), Output("lines", "figure"), Input("tier", "value"))
def draw(tiers):
    shown = [i for i in range(ROWS) if not tiers or str(1 + i % 4) in tiers]
    heat = go.Heatmap(
        z=[states[i] for i in shown], x=[f"practice {i}" for i in range(COLUMNS)], y=[f"Product {i}" for i in shown]
    )
    drawn = [i for i in range(LINES) if not tiers or str(1 + i % 4) in tiers]
    traces = [go.Scatter(x=MONTHS, y=lines[i], name=f"SLO {i}", mode="lines") for i in drawn]
    return go.Figure(heat, layout={"height": 900}), go.Figure(traces)


app.run(port=PORT, debug=False)
