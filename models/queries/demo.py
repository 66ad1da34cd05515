"""Every SELECT of the demo: who can play a part, and what the story came to."""

from __future__ import annotations

from models.statement import read

SOMEBODY = read("SELECT id FROM lead LIMIT 1")

#: leads that were mailed and are still at the beginning, those that fit best first, with what they came in by
CAST = read(
    """
    SELECT l.id, a.email, l.company, l.country, l.phone, s.fit, s.grade, e.name, e.occurred_at
    FROM lead l JOIN address a ON a.id = l.address_id JOIN score s ON s.lead_id = l.id
    LEFT JOIN event e ON e.lead_id = l.id AND e.kind = 'submitted'
    WHERE l.stage = 'iql' AND EXISTS (SELECT 1 FROM message m WHERE m.lead_id = l.id AND m.state = 'accepted')
    ORDER BY s.fit DESC, l.id
    """
)

#: mails by sequence and template, and what became of them
MAILS = read(
    """
    SELECT e.sequence, m.template, COUNT(*) AS planned,
           SUM(CASE WHEN m.state = 'accepted' THEN 1 ELSE 0 END) AS accepted,
           SUM(CASE WHEN m.id IN (SELECT message_id FROM event WHERE verdict = 'human') THEN 1 ELSE 0 END) AS read
    FROM message m JOIN enrollment e ON e.id = m.enrollment_id
    GROUP BY e.sequence, m.template ORDER BY COUNT(*) DESC, m.template
    """
)

#: every move from stage to stage
MOVES = read(
    """
    SELECT t.lead_id, l.company, t.from_stage, t.to_stage, t.at, t.actor, t.because
    FROM transition t JOIN lead l ON l.id = t.lead_id ORDER BY t.at, t.id
    """
)

#: clicks by who made them
CLICKS = read("SELECT verdict, COUNT(*) AS number FROM event WHERE kind = 'clicked' GROUP BY verdict ORDER BY verdict")

#: addresses that must not be mailed any more, by why
SUPPRESSED = read(
    """
    SELECT suppressed AS reason, COUNT(*) AS number FROM address
    WHERE suppressed IS NOT NULL GROUP BY suppressed ORDER BY suppressed
    """
)

#: leads that did something and are not promoted, the warmest first
WARM = read(
    """
    SELECT l.id, l.company, s.grade, s.fit, s.engagement FROM lead l JOIN score s ON s.lead_id = l.id
    WHERE l.stage = 'iql' AND s.engagement > 0 ORDER BY s.engagement DESC, s.fit DESC, l.id LIMIT :limit
    """
)
