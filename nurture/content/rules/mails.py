"""What mails say, and how they are written."""

from __future__ import annotations

from nurture.content.rules.rule import Rule


def _html(line: str) -> str:
    """The HTML of a mail with one line in it."""
    return f'{{% extends "_layouts/mail.html" %}}\n{{% block body %}}\n{line}\n{{% endblock %}}\n'


def _text(head: str = "Subject: Your guide is here\n\n", line: str = "Hello, here is what you asked for.") -> str:
    """The text file of a mail."""
    return (
        f'{head}{{% extends "_layouts/mail.txt" %}}\n{{% block body %}}\n{line}\n'
        "Read it with a coffee, and write to us what you think.\n{% endblock %}\n"
    )


MAILS: dict[str, Rule] = {
    "template_half": Rule(
        "A mail is two files: .html, and .txt with the head and the text part.",
        "Without a text part mail is more often taken for spam, and readers of plain text see nothing.",
        "templates/tofu/welcome.html alone.",
        "templates/tofu/welcome.html with templates/tofu/welcome.txt beside it.",
        kind="words",
    ),
    "template_head": Rule(
        "A .txt begins with 'Subject: ...' and perhaps 'Preview: ...', then an empty line.",
        "A mail without a subject is not opened; a head line we do not know would be printed in the mail.",
        _text("Subjct: Your guide is here\n\n"),
        _text(),
        kind="text",
    ),
    "template_syntax": Rule(
        "What stands in braces is whole: every `{% if %}` has its `{% endif %}`, every `{{` its `}}`.",
        "A mail that cannot be read cannot be filled in for anyone.",
        _html("<p>{% if lead.company %}At {{ lead.company }}</p>"),
        _html("<p>{% if lead.company %}At {{ lead.company }}{% endif %}</p>"),
        kind="html",
    ),
    "template_filter": Rule(
        "Only filters and tests that are known.",
        "A filter that does not exist stops the mail.",
        _html("<p>{{ (lead.first_name or 'there') | uper }}</p>"),
        _html("<p>{{ (lead.first_name or 'there') | upper }}</p>"),
        kind="html",
    ),
    "template_arithmetic": Rule(
        "Mails reckon with + and - only.",
        "With powers and products one line can fill a computer's memory, already while it is read.",
        _html("<p>Save {{ 12 * 40 }} euros a year.</p>"),
        _html("<p>Save 480 euros a year.</p>"),
        kind="html",
    ),
    "unknown_name": Rule(
        "Only names that exist: lead, brand, sender, links and their fields.",
        "A misspelled field would be a hole in the sentence, for every reader.",
        _html("<p>Hello {{ lead.frist_name or 'there' }}</p>"),
        _html("<p>Hello {{ lead.first_name or 'there' }}</p>"),
        kind="html",
    ),
    "unknown_value": Rule(
        "What is not known for every lead has a fallback.",
        "'Hello ,' or 'Hello None' tells the reader that nobody wrote this mail.",
        _html("<p>Hello {{ lead.first_name }}</p>"),
        _html("<p>Hello {{ lead.first_name or 'there' }}</p>"),
        kind="html",
    ),
    "subject": Rule(
        "The subject is not empty for any lead.",
        "A mail without a subject is not opened. Every mail is tried out with leads of whom little is known.",
        _text("Subject: {{ lead.first_name or '' }}\n\n"),
        _text("Subject: {{ lead.first_name or 'Hello' }}, your guide is here\n\n"),
        kind="text",
    ),
    "subject_length": Rule(
        "The subject has at most 78 characters for every lead (warning).",
        "Mail programs cut off what is longer, on phones already at half of it.",
        _text("Subject: Here is the guide to finding waste at night, at the weekend and on holidays in your plant\n\n"),
        _text("Subject: The guide: waste at night, and how to find it\n\n"),
        kind="text",
    ),
    "unsubscribe_link": Rule(
        "Both parts have a link to unsubscribe.",
        "The law and the mailbox providers want it, and who cannot find it presses 'spam' instead. Layouts have it.",
        "<p>Hello</p>\n<p>{{ brand.address }}</p>\n",
        '<p>Hello</p>\n<p>{{ brand.address }} <a href="{{ links.unsubscribe }}">No more mails</a></p>\n',
        kind="html",
    ),
    "postal_address": Rule(
        "Both parts have the company's postal address.",
        "CAN-SPAM and its like ask for it. Layouts have it.",
        '<p>Hello</p>\n<p><a href="{{ links.unsubscribe }}">No more mails</a></p>\n',
        '<p>Hello</p>\n<p>{{ brand.address }} <a href="{{ links.unsubscribe }}">No more mails</a></p>\n',
        kind="html",
    ),
    "text_part": Rule(
        "The text part says what the HTML says.",
        "An empty one looks like spam to filters, and like nothing to who reads plain text.",
        'Subject: Your guide is here\n\n{% extends "_layouts/mail.txt" %}\n',
        _text(),
        kind="text",
    ),
    "html_size": Rule(
        "The HTML has at most 100,000 characters (warning).",
        "Gmail cuts off the rest: with it go the link to unsubscribe and the postal address.",
        "A mail with a whole brochure in it, or with pictures written into the HTML.",
        "The first paragraph, and a link to the brochure.",
        kind="words",
    ),
}
