"""The field catalogue: what conditions and templates may say about a lead, as plain data.

One list for `when:` in sequences, for `{{ lead... }}` in mails and for the documentation, so that they
cannot drift apart. A field that is not known for a lead is None, never missing.
"""

from __future__ import annotations

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
}
