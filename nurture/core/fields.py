"""The field catalogue: what conditions and templates may say about a lead, as plain data.

One list for `when:` in sequences, for `{{ lead... }}` in mails and for the documentation, so that they
cannot drift apart. A field that is not known for a lead is None, never missing.
"""

from __future__ import annotations

from typing import Literal, get_args

#: name -> what it means to a marketer
LEAD_FIELDS: dict[str, str] = {
    "id": "the lead's number",
    "email": "the address, normalized",
    "first_name": "given name",
    "last_name": "family name",
    "company": "where the lead works",
    "title": "job title, as written",
    "industry": "the company's trade",
    "employees": "size of the company, in people",
    "country": "two letters, ISO 3166",
    "language": "two letters, ISO 639",
    "phone": "as written",
    "source": "where the lead first came from: ebook, webinar, tradeshow, ...",
    "asset": "what the lead first asked for",
    "stage": "lifecycle stage: iql, mql, sql, opportunity, customer, advocate, recycled, disqualified",
    "funnel": "funnel stage of its content: tofu, mofu, bofu, loyalty",
    "is_customer": "whether the lead has bought",
    "owner": "the sales rep the lead belongs to, by key",
    "fit": "how well the lead matches the ideal customer, 0 to 100",
    "score": "engagement now, 0 to 100, older acts counting less",
    "grade": "letter of fit and digit of engagement: A1 to D4",
    "need": "what it wants to solve, as it answered",
    "budget": "whether there is a budget, as it answered",
    "authority": "what its part in the decision is, as it answered",
    "timing": "by when it wants a solution, as it answered",
    "recommend": "whether it would recommend us, as it answered a poll: yes, not_yet or no",
}

#: what a form of the site may tell, under these names
FormField = Literal[
    "email", "first_name", "last_name", "company", "title", "industry", "employees", "country", "language", "phone",
    "need", "timing", "authority", "budget", "no_sales_contact", "message", "consent", "submission", "anonymousId",
]  # fmt: skip
FORM_FIELDS: tuple[str, ...] = get_args(FormField)

#: what a reply may ask for, the longest-lasting wish first -> what it means
REPLIES: dict[str, str] = {
    "stop": "wants no more mail",
    "call-me": "asks for a person: a call, a meeting, a demo, an offer",
    "wrong-person": "is not whom we should write to",
    "not-now": "wants to hear from us later",
    "not-interested": "is not interested, and says no more than that",
    "question": "asks something",
    "other": "anything else a person writes",
}

#: those of them that cost a look at the lead's engagements
SCORED_FIELDS = frozenset({"lead.fit", "lead.score", "lead.grade", "lead.funnel"})

#: those of them that a sequence may write, with what they hold: text, number, country or language code
SETTABLE_FIELDS: dict[str, str] = {
    "first_name": "text",
    "last_name": "text",
    "company": "text",
    "title": "text",
    "industry": "text",
    "employees": "number",
    "country": "country",
    "language": "language",
    "phone": "text",
    "asset": "text",
}

#: function -> how it is called
FUNCTIONS: dict[str, str] = {
    "clicked": "clicked(), clicked('tofu/welcome'), clicked('tofu/welcome', link='pricing')",
    "submitted": "submitted(), submitted('call-me')",
    "tagged": "tagged('compressed-air')",
    "visited": "visited('/demo'), visited()",
    "did": "did('trial_started')",
    "replied": "replied(), replied('question')",
}
