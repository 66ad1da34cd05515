"""The gallery: what is shown, for whom, what happens to faulty files, and how it follows those who write."""

from __future__ import annotations

import http.client
import os
import stat
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from nurture.content import load_project
from nurture.errors import SetupError, UsageError
from nurture.preview import SAMPLES, Gallery, Person, choose, draw, write
from nurture.preview.live import Live, served
from nurture.preview.people import sample
from nurture.preview.shots import shoot
from tests.content.projects import HTML, SEQUENCE, TEXT, shipped, write_project

EVERYTHING, ADDRESS_ONLY = sample("everything"), sample("only the address")
BOMB = '{{ "a" * 10000000000 }}'


class Page(HTMLParser):
    """A page of the gallery as a browser reads it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.framed: list[str] = []
        self.sandboxes: list[str | None] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.append(tag)
        self.links += [named["href"] or ""] if "href" in named else []
        if tag == "iframe":
            self.framed.append(named["srcdoc"] or "")
            self.sandboxes.append(named["sandbox"])

    def handle_data(self, data: str) -> None:
        self.words += data


def gallery(root: Path, *words: str, people: tuple[Person, ...] = SAMPLES) -> Gallery:
    project = load_project(root)
    return draw(project, choose(project, words), people)


def test_each_mail_has_a_page_for_each_sample_lead_and_all_are_linked() -> None:
    project = shipped()
    pages = draw(project, choose(project, []), SAMPLES).pages()
    assert len(pages) == 1 + len(project.templates.names()) * len(SAMPLES)
    assert set(Page(pages["index.html"]).links) == set(pages) - {"index.html"}
    for page in pages.values():
        assert set(Page(page).links) <= set(pages)


def test_a_page_shows_the_mail_on_both_screens_in_light_and_dark_with_text_headers_and_checks(tmp_path: Path) -> None:
    shown = gallery(write_project(tmp_path), "tofu/welcome", people=(EVERYTHING,))
    [sheet] = shown.sheets
    page = Page(shown.pages()[sheet.page])
    light, dark = sheet.html("light"), sheet.html("dark")
    assert page.framed == [light, light, dark, dark]
    for told in (
        "Welcome, Ingrid",
        "What to expect",
        "here is what you asked for",
        "List-Unsubscribe",
        "KB",
        "@example.com",
    ):
        assert told in page.words


def test_static_pages_hold_no_scripts_and_what_is_framed_may_run_none() -> None:
    project = shipped()
    for html in draw(project, choose(project, ["tofu/night-load"]), SAMPLES).pages().values():
        page = Page(html)
        assert "script" not in page.tags
        assert all("allow-scripts" not in (allowed or "") for allowed in page.sandboxes)


def test_dark_and_light_do_not_depend_on_the_screen_they_are_looked_at(tmp_path: Path) -> None:
    html = (
        HTML.replace("<p>", "<p>A light dark roast. ")
        + "<style>@media (prefers-color-scheme: dark) { p { top: 0 } }</style>"
    )
    head = '<head><meta name="color-scheme" content="light dark"></head>'
    layout = f"{head}{{% block body %}}{{% endblock %}}{{{{ links.unsubscribe }}}}{{{{ brand.address }}}}"
    files = {"templates/tofu/welcome.html": html.replace("{% endblock %}", "") + "{% endblock %}"}
    files["templates/_layouts/mail.html"] = layout
    [sheet] = gallery(write_project(tmp_path, files), "welcome", people=(EVERYTHING,)).sheets
    assert "@media (min-width:0px)" in sheet.html("dark") and "@media (max-width:0px)" in sheet.html("light")
    assert 'content="only dark"' in sheet.html("dark") and 'content="only light"' in sheet.html("light")
    assert "A light dark roast" in sheet.html("dark")


def test_what_a_lead_typed_cannot_become_part_of_a_page(tmp_path: Path) -> None:
    evil = '"></iframe><script>alert(1)</script>'
    person = Person(evil, {**EVERYTHING.fields, "first_name": evil, "last_name": evil})
    for html in gallery(write_project(tmp_path), people=(person,)).pages().values():
        assert "script" not in Page(html).tags


def test_a_faulty_template_shows_its_fault_and_spares_the_others(tmp_path: Path) -> None:
    files = {"templates/tofu/more.txt": TEXT, "templates/tofu/more.html": HTML.replace("first_name", "first_nam")}
    shown = gallery(write_project(tmp_path, files))
    faulty = [sheet for sheet in shown.sheets if sheet.problems]
    assert {sheet.template for sheet in faulty} == {"tofu/more"}
    page = Page(shown.pages()[faulty[0].page])
    assert page.framed == []
    assert "did you mean 'lead.first_name'?" in page.words and ">   3 |" in page.words
    assert (shown.count("error"), len(shown.sheets)) == (len(SAMPLES), 2 * len(SAMPLES))


@pytest.mark.parametrize("file", ["templates/tofu/welcome.html", "templates/_layouts/mail.html"])
def test_a_template_that_would_fill_the_memory_is_not_rendered(tmp_path: Path, file: str) -> None:
    root = write_project(tmp_path)
    (root / file).write_text((root / file).read_text() + BOMB)
    shown = gallery(root)
    assert {problem.rule for sheet in shown.sheets for problem in sheet.problems} == {"template_arithmetic"}


def test_a_mail_that_fails_for_one_lead_is_shown_for_the_others(tmp_path: Path) -> None:
    files = {"templates/tofu/welcome.html": HTML.replace(' or "there"', "")}
    shown = gallery(write_project(tmp_path, files), people=(EVERYTHING, ADDRESS_ONLY))
    assert [sheet.mail is not None for sheet in shown.sheets] == [True, False]
    assert [problem.rule for problem in shown.sheets[1].problems] == ["unknown_value"]


STEPS = SEQUENCE.replace("  - email: tofu/welcome", """\
  - email: check-in
    subject: "Still there, {{ lead.first_name or 'all' }}?"
  - wait: 3 days
  - email: tofu/welcome""")  # fmt: skip


def project_with_check_ins(root: Path, **more: str) -> Path:
    names = ("tofu/check-in", "mofu/check-in", "bofu/check-in", "loyalty/check-in")
    files = {f"templates/{name}.{end}": text for name in names for end, text in (("txt", TEXT), ("html", HTML))}
    return write_project(root, {**files, "sequences/try-out.yaml": STEPS, **more})


def test_a_sequence_is_shown_in_its_order_with_its_subjects_for_the_stage_of_each_lead(tmp_path: Path) -> None:
    shown = gallery(project_with_check_ins(tmp_path), "sequences/try-out.yaml", people=(EVERYTHING, ADDRESS_ONLY))
    assert [sheet.template for sheet in shown.sheets] == [
        "mofu/check-in", "tofu/check-in", "tofu/welcome", "tofu/welcome",
    ]  # fmt: skip
    subjects = [sheet.mail.subject for sheet in shown.sheets if sheet.mail]
    assert subjects == ["Still there, Ingrid?", "Still there, all?", "Welcome, Ingrid", "Welcome, all"]


def test_a_sequence_stays_in_sight_while_one_of_its_mails_is_faulty(tmp_path: Path) -> None:
    root = project_with_check_ins(tmp_path)
    (root / "templates/tofu/welcome.html").write_text("{% block body %}")
    assert "try-out" not in load_project(root).sequences
    shown = gallery(root, "try-out", people=(EVERYTHING,))
    assert [bool(sheet.problems) for sheet in shown.sheets] == [False, True]


def test_a_sequence_that_cannot_be_read_shows_why(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"sequences/try-out.yaml": SEQUENCE.replace("steps:", "stepz:")})
    shown = gallery(root, "try-out")
    assert shown.sheets == ()
    assert "did you mean 'steps'?" in Page(shown.pages()["index.html"]).words


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("tofu/welcome", ["tofu/welcome"]),
        ("templates/tofu/welcome.html", ["tofu/welcome"]),
        ("mofu", ["mofu/check-in"]),
        ("check-in", ["tofu/check-in", "mofu/check-in", "bofu/check-in", "loyalty/check-in"]),
    ],
)
def test_mails_are_found_by_name_file_and_stage(tmp_path: Path, word: str, found: list[str]) -> None:
    project = load_project(project_with_check_ins(tmp_path))
    assert [item.template for item in choose(project, [word, word])] == found


def test_a_mistyped_name_is_guessed() -> None:
    with pytest.raises(UsageError, match="did you mean 'first-interest'"):
        choose(shipped(), ["first-intrest"])
    with pytest.raises(UsageError, match="of whom everything is known"):
        sample("nobody")


def test_a_new_gallery_takes_the_place_of_the_old_and_of_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "notes.html").write_text("mine")
    write(gallery(write_project(tmp_path / "project")).pages(), tmp_path)
    index = write(gallery(tmp_path / "project", people=(EVERYTHING,)).pages(), tmp_path)
    left = {"index.html", "notes.html", "tofu-welcome--of-whom-everything-is-known.html"}
    assert {path.name for path in tmp_path.glob("*.html")} == left
    index.write_text("a site of one's own")
    with pytest.raises(UsageError, match="--out"):
        write({"index.html": "ours"}, tmp_path)


def save(path: Path, text: str) -> None:
    """Save as an editor does, at a time of its own however quick the test is."""
    before = path.stat().st_mtime_ns
    path.write_text(text)
    os.utime(path, ns=(before + 1_000_000_000, before + 1_000_000_000))


def live(root: Path, *, watch: bool = True) -> Live:
    return Live(root, lambda: gallery(root, people=(EVERYTHING,)), watch=watch)


def test_a_saved_file_changes_the_pages_and_their_version(tmp_path: Path) -> None:
    shown = live(write_project(tmp_path))
    assert shown.look() and not shown.look()
    before = shown.version
    save(tmp_path / "templates/tofu/welcome.txt", TEXT.replace("Welcome,", "Good to see you,"))
    assert shown.look() and shown.version != before
    assert "Good to see you, Ingrid" in (shown.page("/") or "")


def test_while_nurture_yaml_is_broken_every_page_says_why_and_then_comes_back(tmp_path: Path) -> None:
    shown = live(write_project(tmp_path))
    shown.look()
    config = tmp_path / "nurture.yaml"
    good = config.read_text()
    save(config, good.replace("brand:", "brnad:"))
    assert shown.look()
    assert "did you mean" in Page(shown.page("/tofu-welcome.html") or "").words
    save(config, good)
    assert shown.look()
    assert "Welcome, Ingrid" in (shown.page("/") or "")


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Ask a server of a small project; it is served anew for each question."""
    root = write_project(tmp_path)

    def get(path: str, *, watch: bool = True, host: str = "") -> tuple[int, str]:
        shown = live(root, watch=watch)
        shown.look()
        with served(shown, 0) as url:
            place = url.removeprefix("http://").rstrip("/")
            connection = http.client.HTTPConnection(place, timeout=60)
            connection.request("GET", path, headers={"Host": host or place})
            answer = connection.getresponse()
            found = answer.status, answer.read().decode()
            connection.close()
            return found

    return get


def test_watched_pages_ask_for_newer_ones_and_served_ones_do_not(ask: Callable[..., tuple[int, str]]) -> None:
    status, version = ask("/version")
    assert (status, len(version)) == (200, 16)
    status, page = ask("/index.html")
    assert status == 200 and f'"{version}"' in page
    assert "script" not in Page(ask("/", watch=False)[1]).tags
    assert ask("/tofu-welcome--of-whom-everything-is-known.html")[0] == 200
    assert ask("/nothing.html")[0] == 404
    assert ask("/../nurture.yaml")[0] == 404


def test_only_browsers_on_this_machine_are_answered(ask: Callable[..., tuple[int, str]]) -> None:
    assert ask("/", host="localhost:8025")[0] == 200
    assert ask("/", host="evil.example")[0] == 403


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    shown = live(write_project(tmp_path))
    with served(shown, 0) as url, pytest.raises(SetupError, match="--port"), served(shown, int(url.split(":")[2][:-1])):
        pass


BROWSER = """\
import pathlib, sys
page = pathlib.Path(sys.argv[-1].removeprefix("file://")).read_text()
assert "allow-scripts" not in page
for word in sys.argv:
    if word.startswith("--screenshot="):
        size = next(word for word in sys.argv if word.startswith("--window-size="))
        pathlib.Path(word.partition("=")[2]).write_text(size)
if "--dump-dom" in sys.argv:
    print('<pre id="heights">' + str([100 * n for n in range(1, page.count("<iframe") + 1)]) + "</pre>")
"""


def test_each_picture_is_as_tall_as_its_tallest_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "chromium"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\n{BROWSER}")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(program.parent))
    shown = gallery(write_project(tmp_path), people=(EVERYTHING, ADDRESS_ONLY))
    pictures = shoot(shown.sheets, tmp_path)
    assert list(pictures) == [sheet.page for sheet in shown.sheets]
    heights = [int((tmp_path / name).read_text().rpartition(",")[2]) for name in pictures.values()]
    assert heights[1] - heights[0] == 300
    assert pictures[shown.sheets[0].page] in shown.pages(shots=pictures)["index.html"]


def test_without_chromium_the_set_up_is_incomplete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match="none is installed"):
        shoot((), tmp_path)
