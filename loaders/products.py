"""`products.yaml`: the products that are reviewed."""

from __future__ import annotations

from loaders.reading import Reading
from maturity.records import Problem, Product


def load(reading: Reading) -> None:
    """Read `products.yaml`; without it there is nothing to review, so its absence is a problem."""
    files = reading.files("products.yaml")
    if not files:
        reading.problems.append(Problem("products.yaml", 1, "file", "nothing", "a list of products"))
    for path, file in files:
        for found, _ in reading.rows(Product, path, file, "products", "products"):
            reading.bundle.products += found
