"""How nurturing goes, from what was recorded: for people who read it once a week.

whole      all figures at one moment
funnel     stages, who goes on, how long it takes
mails      what came of each step's mails, and of subjects beside each other
courses    what became of those who came into each sequence
promoted   what sales made of the leads it was handed
deals      what became of the deals
interest   topics, forms, answers; whose mail machines go through
timeline   one lead, newest first
page       all of it as a page that needs nothing else; charts as SVG
"""

from nurture.report.timeline import Timeline, timeline
from nurture.report.whole import USUAL, WITHIN, Report, report

__all__ = ["USUAL", "WITHIN", "Report", "Timeline", "report", "timeline"]
