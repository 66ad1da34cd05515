"""What mails say, and how they are written."""

from __future__ import annotations

from nurture.content.rules.rule import Rule


def _html(line: str) -> str:
    """The HTML of a mail with one line in it."""
    return f'{{% extends "_layouts/mail.html" %}}\n{{% block body %}}\n{line}\n{{% endblock %}}\n'


def _mjml(line: str) -> str:
    """A mail in MJML with one line in it."""
    foot = '<mj-text><a href="{{ links.unsubscribe }}">No more mails</a> {{ brand.address }}</mj-text>'
    column = f"<mj-section><mj-column>\n{line}\n{foot}\n</mj-column></mj-section>"
    return f'<mjml lang="en"><mj-body>\n{column}\n</mj-body></mjml>\n'


_PREVIEW = "Where to look first, and what it costs to look away"
_BODY = '<p>{{ brand.address }} <a href="{{ links.unsubscribe }}">No more mails</a></p>'


def _text(head: str = "Subject: Your guide is here", preview: str = _PREVIEW) -> str:
    """The text file of a mail."""
    line = "Hello, here is what you asked for."
    return (
        f'{head}\nPreview: {preview}\n\n{{% extends "_layouts/mail.txt" %}}\n{{% block body %}}\n{line}\n'
        "Read it with a coffee, and write to us what you think.\n{% endblock %}\n"
    )


MAILS: dict[str, Rule] = {
    "template_half": Rule(
        "A mail is two files: .mjml (or .html), and .txt with the head and the text part.",
        "Without a text part mail is more often taken for spam, and readers of plain text see nothing.",
        "templates/tofu/welcome.mjml alone.",
        "templates/tofu/welcome.mjml with templates/tofu/welcome.txt beside it.",
        kind="words",
    ),
    "mjml": Rule(
        "A mail in MJML is whole: every tag is closed, and Jinja stands in words, links, or between elements.",
        "What is not closed swallows what follows it; Jinja in other places has nothing to stand for.",
        _mjml("<mj-text>Hello <b>you</mj-text>"),
        _mjml("<mj-text>Hello <b>you</b></mj-text>"),
        kind="mjml",
    ),
    "mjml_element": Rule(
        "Only elements that MJML has, each where it may stand: text in columns, columns in sections.",
        "An element that does not exist would be passed on as it is, and mail programs show nothing of it.",
        _mjml("<mj-txt>Hello</mj-txt>"),
        _mjml("<mj-text>Hello</mj-text>"),
        kind="mjml",
    ),
    "mjml_attribute": Rule(
        "Only attributes that the element takes, and measures as plain numbers.",
        "An attribute that does not exist does nothing, and nobody is told.",
        _mjml('<mj-text colour="#1C2B33">Hello</mj-text>'),
        _mjml('<mj-text color="#1C2B33">Hello</mj-text>'),
        kind="mjml",
    ),
    "template_head": Rule(
        "A .txt begins with 'Subject: ...' and perhaps 'Preview: ...', then an empty line.",
        "A mail without a subject is not opened; a head line we do not know would be printed in the mail.",
        _text("Subjct: Your guide is here"),
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
        _text("Subject: {{ lead.first_name or '' }}"),
        _text("Subject: {{ lead.first_name or 'Hello' }}, your guide is here"),
        kind="text",
    ),
    "subject_length": Rule(
        "The subject has at most 60 characters for every lead (warning).",
        "Mail programs cut off what is longer, on phones already at 40.",
        _text("Subject: Here is the guide to finding waste at night, at the weekend and on holidays in your plant"),
        _text("Subject: The guide: waste at night, and how to find it"),
        kind="text",
    ),
    "unsubscribe_link": Rule(
        "Both parts have a link to unsubscribe.",
        "The law and the mailbox providers want it, and who cannot find it presses 'spam' instead. Layouts have it.",
        '<html lang="en"><body><p>{{ brand.address }}</p></body></html>\n',
        f'<html lang="en"><body>{_BODY}</body></html>\n',
        kind="html",
    ),
    "postal_address": Rule(
        "Both parts have the company's postal address.",
        "CAN-SPAM and its like ask for it. Layouts have it.",
        '<html lang="en"><body><p><a href="{{ links.unsubscribe }}">No more mails</a></p></body></html>\n',
        f'<html lang="en"><body>{_BODY}</body></html>\n',
        kind="html",
    ),
    "text_part": Rule(
        "The text part says what the HTML says.",
        "An empty one looks like spam to filters, and like nothing to who reads plain text.",
        f'Subject: Your guide is here\nPreview: {_PREVIEW}\n\n{{% extends "_layouts/mail.txt" %}}\n',
        _text(),
        kind="text",
    ),
    "html_size": Rule(
        "The HTML has at most 100 KB (warning).",
        "Gmail cuts off the rest: with it go the link to unsubscribe and the postal address.",
        "A mail with a whole brochure in it, or with pictures written into the HTML.",
        "The first paragraph, and a link to the brochure.",
        kind="words",
    ),
    "preview_length": Rule(
        "The preview has 40 to 110 characters for every lead (warning).",
        "It stands behind the subject in the inbox. Where it is too short, mail programs fill the line up with the "
        "first words of the mail; where it is too long, they cut it off.",
        _text(preview="Read on"),
        _text(preview="Where to look first, and what it costs to look away"),
        kind="text",
    ),
    "language": Rule(
        "The HTML says in which language it is written (warning).",
        "Screen readers pronounce it by that, and mail programs offer to translate by it.",
        f"<html><body>{_BODY}</body></html>\n",
        f'<html lang="en"><body>{_BODY}</body></html>\n',
        kind="html",
    ),
    "image_alt": Rule(
        "Every image has an alt text; that of an ornament is empty.",
        "Many read mail with images off, or with a screen reader: the alt text is what they get.",
        _html('<p><img src="{{ links.site }}/night.png"></p>'),
        _html('<p><img src="{{ links.site }}/night.png" alt="Load curve of a night: 8 kW at 3 a.m."></p>'),
        kind="html",
    ),
    "image_source": Rule(
        "Images are loaded from a whole https address.",
        "A mail has no folder to look in, and Gmail does not show images that are written into the mail itself.",
        _html('<p><img src="/night.png" alt="Load curve of a night"></p>'),
        _html('<p><img src="{{ links.site }}/night.png" alt="Load curve of a night"></p>'),
        kind="html",
    ),
    "link": Rule(
        "Links are whole, and https.",
        "A link without its site leads nowhere from a mail, and mail programs warn of http.",
        _html('<p><a href="/guide">The guide</a></p>'),
        _html('<p><a href="{{ links.site }}/guide">The guide</a></p>'),
        kind="html",
    ),
    "contrast": Rule(
        "Text stands out from its ground, by 4.5 to 1 or more (warning).",
        "Pale gray is not elegant in the sun, or to eyes above fifty (WCAG 2.2, 1.4.3).",
        _html('<p style="color:#999999">Half of it is used when nobody works.</p>'),
        _html('<p style="color:#52626a">Half of it is used when nobody works.</p>'),
        kind="html",
    ),
    "left_over": Rule(
        "No template code is left in what arrives.",
        "Braces in a mail tell the reader that a machine wrote it, and that nobody looked.",
        _html("<p>Hello {% raw %}{{ lead.first_name }}{% endraw %}</p>"),
        _html("<p>Hello {{ lead.first_name or 'there' }}</p>"),
        kind="html",
    ),
    "tofu_ask": Rule(
        "Mails in tofu/ ask for no demo, call or meeting (warning).",
        "Who has just begun to look around wants to find out something; asked for an hour of its time it leaves. The "
        "words are known in English, German and Norwegian.",
        _html('<p><a href="{{ links.site }}/demo">Book a demo</a></p>'),
        _html('<p><a href="{{ links.site }}/guides/night-load">What a normal night looks like</a></p>'),
        kind="html",
    ),
}
