"""How a file is written, whatever it says."""

from __future__ import annotations

from nurture.content.rules.rule import Rule

FILES: dict[str, Rule] = {
    "file": Rule(
        "The file can be read.",
        "What cannot be opened cannot be checked, and nothing of it is in force.",
        "A file that only its author may read.",
        "The file with leave to read it for everybody who runs nurture.",
        kind="words",
    ),
    "encoding": Rule(
        "Files are saved as UTF-8.",
        "In any other encoding names such as Ødegård or Müller reach the reader broken.",
        "Saved as 'Windows 1252' or 'ANSI'.",
        "Saved again as 'UTF-8'; editors offer it in 'Save as' or in their last line.",
        kind="words",
    ),
    "size": Rule(
        "A file is at most 200,000 characters long and holds at most 3,000 values; a sequence has at most 200 steps "
        "and conditions.",
        "A sequence of twenty mails is a quarter of that. What is longer was pasted by accident, or is meant to harm.",
        "One file with all sequences of ten years.",
        "One file for each sequence.",
        kind="words",
    ),
    "depth": Rule(
        "Values are nested at most 24 levels deep.",
        "Nobody can follow a branch in a branch in a branch; it does not help to be able to write it.",
        "A branch in an arm of a branch, eight times over.",
        "Several sequences, each with a question of its own in `enter: when:`.",
        kind="words",
    ),
    "character": Rule(
        "A file holds no characters that cannot be seen.",
        "They come along when text is pasted from elsewhere, and make words differ that look the same.",
        "A bell or backspace character between two words.",
        "The line typed again by hand.",
        kind="words",
    ),
    "documents": Rule(
        "One file holds one document.",
        "Only the first would be read; what stands below the `---` would silently be lost.",
        "steps:\n  - wait: 3 days\n---\nsteps:\n  - wait: 5 days\n",
        "steps:\n  - wait: 3 days\n  - wait: 5 days\n",
    ),
    "syntax": Rule(
        "The file is YAML: keys end with a colon, brackets and lists are whole.",
        "Where the file breaks off, everything below it is a guess.",
        "enter:\n  trigger: [lead_created\n",
        "enter:\n  trigger: [lead_created]\n",
    ),
    "indent": Rule(
        "What belongs together begins in the same column.",
        "The indentation says which key belongs to which step; one blank more or less says something else.",
        "steps:\n  - email: tofu/welcome\n   subject: Hello\n",
        "steps:\n  - email: tofu/welcome\n    subject: Hello\n",
    ),
    "tab": Rule(
        "Lines are indented with spaces.",
        "A tab is as wide as each program likes, so YAML does not take it.",
        "steps:\n\t- wait: 3 days\n",
        "steps:\n  - wait: 3 days\n",
    ),
    "colon": Rule(
        "A text with a colon and a blank in it stands in quotes.",
        "Without quotes the colon begins another key.",
        "steps:\n  - email: tofu/welcome\n    subject: Re: your guide\n",
        'steps:\n  - email: tofu/welcome\n    subject: "Re: your guide"\n',
    ),
    "quotes": Rule(
        "Quotes stand around the whole text; a text that is a number or begins with `{`, `@` or `[` needs them.",
        "Without them YAML reads a number, a list or nothing at all.",
        "steps:\n  - email: tofu/welcome\n    subject: {{ lead.first_name }}, a question\n",
        "steps:\n  - email: tofu/welcome\n    subject: \"{{ lead.first_name or 'Hello' }}, a question\"\n",
    ),
    "comment": Rule(
        "A `#` that belongs to a text stands in quotes with it (warning).",
        "After a blank, `#` begins a comment: the reader would get a subject cut off in the middle.",
        "steps:\n  - email: tofu/welcome\n    subject: We are #1 in Bergen\n",
        'steps:\n  - email: tofu/welcome\n    subject: "We are #1 in Bergen"\n',
    ),
    "empty": Rule(
        "Every key has a value, and every value a key.",
        "An empty `when:` would let everybody pass, which is hardly what was meant.",
        "steps:\n  - email: tofu/welcome\n    when:\n",
        "steps:\n  - email: tofu/welcome\n    when: lead.score >= 40\n",
    ),
    "date": Rule(
        "Dates exist, and are written year-month-day.",
        "A date that is not in the calendar is a slip of the pen, and what hangs on it would never happen.",
        "agreement:\n  agreed_by:\n    marketing: {name: Ida Solberg, date: 2026-02-30}\n"
        "    sales: {name: Jonas Brekke, date: 2026-02-27}\n",
        "agreement:\n  agreed_by:\n    marketing: {name: Ida Solberg, date: 2026-02-27}\n"
        "    sales: {name: Jonas Brekke, date: 2026-02-27}\n",
        kind="project",
    ),
    "duplicate_key": Rule(
        "A key stands once.",
        "Of two, only one can hold, and a reader cannot tell which.",
        "steps:\n  - email: tofu/welcome\n    when: lead.score >= 40\n    when: lead.fit >= 50\n",
        "steps:\n  - email: tofu/welcome\n    when: lead.score >= 40 and lead.fit >= 50\n",
    ),
    "alias": Rule(
        "Values are written out: no anchors with aliases (`&name`, `*name`), no merging (`<<`).",
        "A reader would have to look elsewhere to know what a step does, and a few lines of aliases can fill a "
        "computer's memory.",
        "steps:\n  - wait: &pause 3 days\n  - email: tofu/welcome\n  - wait: *pause\n",
        "steps:\n  - wait: 3 days\n  - email: tofu/welcome\n  - wait: 3 days\n",
    ),
    "tag": Rule(
        "No YAML tags (`!name`).",
        "They ask the reader of the file to run something; here a value is a value.",
        "steps:\n  - wait: !!str 3 days\n",
        "steps:\n  - wait: 3 days\n",
    ),
    "unknown_key": Rule(
        "Only keys that mean something here.",
        "A mistyped key would be ignored, and the mail would go out without what it was meant to say.",
        "steps:\n  - email: tofu/welcome\n    subjct: Your guide is here\n",
        "steps:\n  - email: tofu/welcome\n    subject: Your guide is here\n",
    ),
    "missing_key": Rule(
        "Nothing is left out that has no default.",
        "Without `because`, for one, nobody could tell later why a lead left.",
        "exit:\n  - when: lead.is_customer\n",
        "exit:\n  - when: lead.is_customer\n    because: already a customer\n",
    ),
    "type": Rule(
        "A list where a list is expected, a whole number where a number is, keys and values where those are.",
        "What has another shape cannot be read as what it was meant to be.",
        "exit: lead.is_customer\n",
        "exit:\n  - when: lead.is_customer\n    because: already a customer\n",
    ),
    "choice": Rule(
        "Where only some words are possible, one of them.",
        "Any other word would be a stage or a setting that nothing else knows.",
        "stage: toefu\n",
        "stage: tofu\n",
    ),
    "limits": Rule(
        "Numbers, texts and lists are not smaller, larger, shorter or longer than makes sense.",
        "No mails a day or 900 points for a click are slips of the pen that would go far before anyone sees them.",
        "quota:\n  per_day: 0\n",
        "quota:\n  per_day: 20000\n",
        kind="project",
    ),
    "name": Rule(
        "Names are lower case letters, digits and dashes; addresses, countries and cells look like such.",
        "Names stand in reports, links and other files; they must be the same wherever they are written.",
        "sequence: Try Out\n",
        "sequence: try-out\n",
    ),
    "value": Rule(
        "A value fits the others around it.",
        "Each is fine by itself, but together they can never be true, or undo each other.",
        "agreement:\n  grid:\n    letters: {A: 50, B: 70, C: 30}\n    digits: {1: 60, 2: 35, 3: 15}\n",
        "agreement:\n  grid:\n    letters: {A: 70, B: 50, C: 30}\n    digits: {1: 60, 2: 35, 3: 15}\n",
        kind="project",
    ),
}
