"""The meeting itself: the agenda in large type, one item at a time, with a clock for each."""

from maturity import agenda, drawn, meeting
from maturity.cells import href
from maturity.ui import open_page

page = open_page("meeting")
minutes = page.number("minutes", page.policy("minutes"))
drawn.meeting(
    meeting.drawing(
        agenda.fit(agenda.read(page.query, page.language), minutes),
        minutes,
        {section: page.policy(f"minutes_each_{section}") for section in agenda.SECTIONS},
        f"{page.as_of:%Y-%m}",
        page.language,
        lambda item: href(page.to(page.say("screen.whole"), item.page, **{"product": None, **item.parameters})),
        href(page.to(page.say("screen.leave"), "month")),
    )
)
