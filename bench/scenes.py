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
_CLICKED = "addEventListener('click', () => { window.clickedAt = performance.now(); }, true)"


@dataclass(frozen=True)
class Scene:
    """A page with one filter; `marks` is a function of the page that tells what is drawn, or nothing before it is."""

    name: str
    path: str
    marks: str
    filter: str | None  # selector of the box that holds the options, where they are not in sight
    options: tuple[str, ...]
    unfold: str | None = None  # what has to be clicked before the filter is in sight
    role: str = "option"
    streamlit: bool = True


_TIERS = ("1", "2", "3", "4")
_PLOTS = """const plots = [...document.querySelectorAll('.js-plotly-plot')];
    if (!plots.length || plots.some(p => !p.querySelector('.main-svg .subplot'))) return null;"""
PRACTICES = Scene(
    "adoption map",
    "practices?lang=en",
    # Rows in sight are whole before those out of sight have their cells.
    """() => [...document.querySelectorAll('.st-key-matrix *')].map(e => e.shadowRoot).find(r => r)
        ?.querySelectorAll('tr.line').length""",
    None,
    tuple(f"Tier {n}" for n in _TIERS),
    "summary:has-text('Filters')",
    role="checkbox",
)
BUDGETS = Scene(
    "error budgets",
    "error_budgets?lang=en",
    """() => document.querySelector('.gm-squares') && document.querySelector('.gm-bands')
        && [...document.querySelectorAll('[data-testid=stCaptionContainer], .gm-squares th')]
            .map(t => t.textContent)""",
    ".st-key-tier input",
    _TIERS[::-1],
)
RISKS = Scene(
    "risks",
    "risks?lang=en",
    "() => document.querySelector('.st-key-grid tbody')?.textContent",
    None,
    ("After the plan", "Potential") * 2,
    role="radio",
)
BARE = Scene(
    "bare Streamlit",
    "",
    "() => document.querySelector('[data-testid=stMarkdown]')?.textContent",
    ".st-key-tier input",
    _TIERS,
)
DASH = Scene(
    "Dash",
    "",
    f"""() => {{ {_PLOTS}
        return [document.querySelectorAll('.scatterlayer .trace').length,
            ...[...document.querySelectorAll('#map .ytick')].map(t => t.textContent)]; }}""",
    "#tier",
    _TIERS,
    streamlit=False,
)
OURS = (PRACTICES, BUDGETS, RISKS)


def prepared(page: Page) -> None:
    """Note the moment of each click."""
    page.add_init_script(_CLICKED)


def first_view(page: Page, address: str, scene: Scene) -> float:
    """Seconds from asking for a page until it is drawn."""
    page.goto(f"{address}/{scene.path}", wait_until="commit")
    _drawn(page, scene, None)
    return page.evaluate(_NEXT_FRAMES) / 1000


def narrow(page: Page, scene: Scene, option: str, others: Callable[[], object] = lambda: None) -> float:
    """Seconds from the click on an option of the filter until the answer is drawn; `others` click just before it."""
    if scene.streamlit:
        settled(page)  # a list that is open while the page is drawn anew closes
    page.wait_for_timeout(_LOOK_MS)
    before = _marks(page, scene)
    if scene.filter:
        page.locator(scene.filter).first.click()
    chosen = page.get_by_role(scene.role, name=option, exact=True)
    chosen.hover()  # so that the click follows at once
    others()
    chosen.click()
    _drawn(page, scene, before)
    seconds = (page.evaluate(_NEXT_FRAMES) - page.evaluate("window.clickedAt")) / 1000
    page.keyboard.press("Escape")
    return seconds


def unfold(page: Page, scene: Scene) -> None:
    """Bring the filter into sight."""
    if scene.unfold:
        page.locator(scene.unfold).first.click()


def _marks(page: Page, scene: Scene) -> str:
    return page.evaluate("marks => JSON.stringify(eval(marks)())", scene.marks)


def _drawn(page: Page, scene: Scene, before: str | None) -> None:
    page.wait_for_function(_WHEN_DRAWN, arg=[scene.marks, before, scene.streamlit], polling="raf")
