"""Values show themselves to people, and nothing of theirs is taken for markup."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from genomes import Genome
from genomes.showing import MOST_CHARACTERS, genome_text, html_table, html_text, visible


class Page(HTMLParser):
    """Collects the tags of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert {name for name, _ in attributes} <= {"style", "scope"}

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_what_does_not_print_is_shown_as_its_escape() -> None:
    assert visible("a\nb\x00c\u202ed\ud800é") == "a\\nb\\x00c\\u202ed\\ud800é"
    assert visible(0.123456) == "0.1235"
    assert visible(True) == "True"
    assert len(visible("x" * 10_000)) == MOST_CHARACTERS


@given(st.text())
def test_a_shown_text_is_one_line_and_no_markup(text: str) -> None:
    assert visible(text).isprintable()
    page = Page(f"<b>{html_text(text)}</b>")
    assert page.tags == ["b"]
    assert "".join(page.words) == visible(text)


@given(st.text(), st.text())
def test_a_table_has_the_tags_of_a_table_whatever_is_in_it(name: str, value: str) -> None:
    page = Page(html_table([(name, value)], header=(value, name), title=name))
    assert set(page.tags) <= {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert page.tags.count("td") == 2


def test_a_genome_is_a_line_and_a_table() -> None:
    layers = ({"width": 32, "activation": "relu"}, {"width": 16, "activation": "<script>"})
    genome = Genome("mlp", {"learning_rate": 0.00123456, "<script>": '"'}, layers)
    assert str(genome) == genome_text(genome) == 'mlp 32 relu | 16 <script>; learning_rate 0.001235, <script> "'
    assert Page(genome._repr_html_()).tags.count("script") == 0
    assert eval(repr(genome), {"Genome": Genome}) == genome  # noqa: S307
    assert str(Genome("flat", {"a": 1})) == "flat; a 1"
    assert str(Genome("flat", {})) == "flat"
