"""`watched_metrics.yaml` names figures with their limits; `metrics/*.csv` holds their values (metric, on, value)."""

from __future__ import annotations

from loaders.reading import Reading
from maturity.records.incidents import MetricValue, WatchedMetric

CSV_COLUMNS = ["metric", "on", "value"]


def load(reading: Reading) -> None:
    """Read the watched metrics and every value, if there are any."""
    for path, file in reading.files("watched_metrics.yaml"):
        for found, _ in reading.rows(WatchedMetric, path, file, "watched_metrics", "watched_metrics"):
            reading.bundle.watched_metrics += found
    reading.bundle.metric_values += reading.csv_rows(
        MetricValue, "metrics/**/*.csv", "metric_values", CSV_COLUMNS, dict
    )
