"""An id from words, for foreign entries that bring none: the same words always give the same id."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_LONGEST = 60


def slug(words: str) -> str:
    """ASCII letters and digits joined by hyphens; words in another script are told apart by a short hash of them.

    >>> slug("Has an owner (team)")
    'has-an-owner-team'
    >>> slug("当番表") == slug(" 当番表 ") != slug("当番")
    True
    """
    folded = " ".join(unicodedata.normalize("NFKC", words).casefold().split())
    plain = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:_LONGEST].strip("-")
    if plain and folded.isascii() and len(folded) <= _LONGEST:
        return plain
    mark = hashlib.sha256(folded.encode()).hexdigest()[:8]
    return f"{plain[:50].strip('-')}-{mark}" if plain else f"x-{mark}"
