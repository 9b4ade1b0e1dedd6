"""What is measured in the browser: pages, how a reader narrows each, and how it is seen that the answer is drawn."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from served import settled

# The moment is taken inside the page, two frames after the picture is in the document and nothing runs any more.
_WHEN_DRAWN = """([marks, before, streamlit]) => {
    const app = document.querySelector('[data-testid="stApp"]');
    const still = !streamlit || (app?.dataset.testScriptState === 'notRunning'
        && !document.querySelector('[data-stale="true"]'));
    const found = still && eval(marks)();
    return found && JSON.stringify(found) !== before ? found : null;
}"""
_NEXT_FRAMES = (
    "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"
)
_LOOK_MS = 1000  # that a reader looks at an answer before the next click
_MOST = 4  # things of a kind that are clicked on a page
_CLICKED = "addEventListener('click', () => { window.clickedAt = performance.now(); }, true)"


@dataclass(frozen=True)
class Clicks:
    """Things to click one after the other. `marks` is a function of the page that tells what is drawn, or nothing
    before it is; `box` is what holds the options, where they are not in sight."""

    options: tuple[str, ...] = ()  # selectors
    marks: str = "() => null"
    box: str | None = None


@dataclass(frozen=True)
class Scene:
    """A page: how a reader narrows it, and what a reader asks there that only the server can tell."""

    name: str
    path: str
    filters: Clicks
    asks: Clicks = Clicks()
    unfold: str | None = None  # what has to be clicked before the filter is in sight
    streamlit: bool = True


_TIERS = ("1", "2", "3", "4")
_PLOTS = """const plots = [...document.querySelectorAll('.js-plotly-plot')];
    if (!plots.length || plots.some(p => !p.querySelector('.main-svg .subplot'))) return null;"""
_BUDGETS = """() => document.querySelector('.gm-squares tbody tr') && document.querySelector('.gm-bands')
    && [...document.querySelectorAll('[data-testid=stCaptionContainer], .gm-squares th, .st-key-slos .said')]
        .map(t => t.textContent)"""
PRACTICES = Scene(
    "adoption map",
    "practices?lang=en",
    Clicks(
        tuple(f"role=checkbox[name='Tier {n}'s]" for n in _TIERS),
        # Rows in sight are whole before those out of sight have their cells.
        """() => [...document.querySelectorAll('.st-key-matrix *')].map(e => e.shadowRoot).find(r => r)
            ?.querySelectorAll('tr.line').length""",
    ),
    Clicks(
        tuple(f"tr.line:nth-child({n}) td[aria-label]:nth-child({n + 3})" for n in (1, 2, 3, 4)),
        "() => document.querySelector('.st-key-cell h4')?.textContent ?? 'none'",
    ),
    "summary:has-text('Filters')",
)
BUDGETS = Scene(
    "error budgets",
    "error_budgets?lang=en",
    Clicks(tuple(f".st-key-slos input[name=tier][value='{n}']" for n in _TIERS[::-1]), _BUDGETS),
    Clicks(
        tuple(f"role=option[name='{month} 2026's]" for month in ("May", "April", "March", "June")),
        _BUDGETS,
        "[data-testid=stSidebar] .st-key-month input",
    ),
)
RISKS = Scene(
    "risks",
    "risks?lang=en",
    Clicks(
        tuple(f".st-key-grid input[value={view}]" for view in ("after_plan", "potential") * 2),
        "() => document.querySelector('.st-key-grid tbody')?.textContent",
    ),
    Clicks(
        tuple(f".st-key-grid .grid button >> nth={n}" for n in range(4)),
        "() => document.querySelector('.st-key-grid .inside')?.textContent",
    ),
)
BARE = Scene(
    "bare Streamlit",
    "",
    Clicks(
        tuple(f"role=option[name='{n}'s]" for n in _TIERS),
        "() => document.querySelector('[data-testid=stMarkdown]')?.textContent",
        ".st-key-tier input",
    ),
)
DASH = Scene(
    "Dash",
    "",
    Clicks(
        tuple(f"role=option[name='{n}'s]" for n in _TIERS),
        f"""() => {{ {_PLOTS}
            return [document.querySelectorAll('.scatterlayer .trace').length,
                ...[...document.querySelectorAll('#map .ytick')].map(t => t.textContent)]; }}""",
        "#tier",
    ),
    streamlit=False,
)
OURS = (PRACTICES, BUDGETS, RISKS)


def prepared(page: Page) -> None:
    """Note the moment of each click."""
    page.add_init_script(_CLICKED)


def first_view(page: Page, address: str, scene: Scene) -> float:
    """Seconds from asking for a page until it is drawn."""
    page.goto(f"{address}/{scene.path}", wait_until="commit")
    _drawn(page, scene, scene.filters.marks, None)
    return page.evaluate(_NEXT_FRAMES) / 1000


def click(page: Page, scene: Scene, of: Clicks, option: str, others: Callable[[], object] = lambda: None) -> float:
    """Seconds from the click on one of the options until the answer is drawn; `others` click just before it."""
    if scene.streamlit:
        settled(page)  # a list that is open while the page is drawn anew closes
    page.wait_for_timeout(_LOOK_MS)
    before = page.evaluate("marks => JSON.stringify(eval(marks)())", of.marks)
    if of.box:
        page.locator(of.box).first.click()
    chosen = page.locator(option)
    chosen.hover()  # so that the click follows at once
    others()
    chosen.click()
    _drawn(page, scene, of.marks, before)
    seconds = (page.evaluate(_NEXT_FRAMES) - page.evaluate("window.clickedAt")) / 1000
    page.keyboard.press("Escape")
    return seconds


def options(of: Clicks) -> tuple[str, ...]:
    """What is clicked, one after the other."""
    return of.options[:_MOST]


def unfold(page: Page, scene: Scene) -> None:
    """Bring the filter into sight."""
    if scene.unfold:
        page.locator(scene.unfold).first.click()


def _drawn(page: Page, scene: Scene, marks: str, before: str | None) -> None:
    page.wait_for_function(_WHEN_DRAWN, arg=[marks, before, scene.streamlit], polling="raf")
