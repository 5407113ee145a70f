"""PDFs as they are served: fonts inside, text found, the same bytes twice, nothing fetched, limits kept."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import re
import resource
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from enum import Enum
from html.parser import HTMLParser
from pathlib import Path

import document_specimens as specimens
import pytest

from reports import render
from reports.documents import Bilingual, Document, Outcome, Signatory
from reports.render import RenderFailed, pdf_from_page, render_html, render_pdf

EPOCH = int(dt.datetime(2026, 4, 15, tzinfo=dt.UTC).timestamp())
BOTH = [(kind, language) for kind in specimens.ALL for language in ("zh", "en")]
Rendered = Callable[[str, str], bytes]
Poppler = Callable[..., str]

HOSTILE = (
    '"><img src="http://127.0.0.1:9/x.png">'
    "<script>alert(1)</script>"
    "<link rel=attachment href=file:///etc/passwd>"
    "<style>@import url(file:///etc/passwd)</style>"
    "</title></td></table><table><td colspan=1000000>"
    "{{ 7*7 }}{% include '/etc/passwd' %}"
    "url(file:///etc/hostname) &lt;b&gt; &#x3c;i&#x3e;"
    "\x00\x1b[31m\u202e反转\u200b\ue000"
)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def unpacked(pdf: bytes) -> bytes:
    """Everything that is compressed in the file, plain, one after the other."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    return b"\n".join(zlib.decompressobj().decompress(stream) for stream in streams if stream[:1] == b"x")


@pytest.mark.parametrize(("kind", "language"), BOTH)
def test_every_font_is_noto_cjk_and_embedded(
    kind: str, language: str, rendered: Rendered, poppler: Poppler
) -> None:
    lines = poppler("pdffonts", rendered(kind, language)).splitlines()[2:]
    assert lines
    for line in lines:
        assert re.match(r"[A-Z]{6}\+Noto-(Sans|Serif)-CJK-SC", line), line
        assert re.search(r"\byes yes yes\b", line), line


@pytest.mark.parametrize(("kind", "language"), BOTH)
def test_chinese_and_english_text_and_the_digest_are_found(
    kind: str, language: str, rendered: Rendered, poppler: Poppler
) -> None:
    document: Document = specimens.ALL[kind]()
    text = squeezed(poppler("pdftotext", rendered(kind, language)))
    for expected in (
        document.issuer.zh,
        document.issuer.en,
        document.reference,
        specimens.COMPANY.zh,
        specimens.COMPANY.en,
        document.digest,
        document.verify_address,
    ):
        assert squeezed(expected) in text, expected


@pytest.mark.parametrize("kind", specimens.ALL)
def test_every_page_carries_number_digest_and_page_of_pages(
    kind: str, rendered: Rendered, poppler: Poppler
) -> None:
    document: Document = specimens.ALL[kind]()
    pages = poppler("pdftotext", rendered(kind, "zh")).split("\f")[:-1]
    for number, page in enumerate(pages, start=1):
        flat = squeezed(page)
        assert squeezed(document.reference) in flat
        assert f"SHA-256{document.digest[:12]}…" in flat
        assert f"第{number}页共{len(pages)}页" in flat


@pytest.mark.parametrize(("kind", "language"), BOTH)
def test_the_file_is_tagged_titled_and_dated_by_its_document(
    kind: str, language: str, rendered: Rendered, poppler: Poppler
) -> None:
    document: Document = specimens.ALL[kind]()
    pdf = rendered(kind, language)
    info = poppler("pdfinfo", pdf, "-isodates")
    assert re.search(r"Tagged:\s+yes", info)
    assert re.search(rf"Title:\s+{re.escape(document.reference)} ", info)
    assert re.search(rf"Author:\s+{document.issuer.zh}\n", info)
    assert re.search(rf"CreationDate:\s+{document.dated_on.isoformat()}", info)
    assert re.search(r"JavaScript:\s+no", info)
    assert b"/Lang (zh-CN)" in unpacked(pdf) if language == "zh" else b"/Lang (en)" in unpacked(pdf)
    assert "pdfuaid:part" in poppler("pdfinfo", pdf, "-meta")


def test_the_qr_code_and_the_chart_have_a_text_for_who_cannot_see_them(
    rendered: Rendered, poppler: Poppler
) -> None:
    assert "Figure" in poppler("pdfinfo", rendered("rating", "zh"), "-struct")
    html = render_html(specimens.rating())
    assert html.count("<svg") == 2
    assert html.count("<title") == 3


@pytest.mark.parametrize("kind", specimens.ALL)
def test_the_same_document_gives_the_same_bytes_again(kind: str, rendered: Rendered) -> None:
    assert render_pdf(specimens.ALL[kind]()) == rendered(kind, "zh")


def test_another_surrounding_zone_and_home_change_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path, rendered: Rendered
) -> None:
    expected = rendered("receipt", "zh")
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    monkeypatch.chdir(tmp_path)
    assert render_pdf(specimens.receipt()) == expected


class Elements(HTMLParser):
    """Which elements and attributes a page has, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.names: dict[str, int] = {}
        self.attributes: set[str] = set()
        self.said: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names[tag] = self.names.get(tag, 0) + 1
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def poisoned(value: object) -> object:
    """The same document with HOSTILE in every free text."""
    free = isinstance(value, str) and not re.fullmatch(r"-?[\d.]+|https?://\S+|[0-9a-f]{64}", value)
    if free and not isinstance(value, Enum):
        return value + HOSTILE
    if isinstance(value, tuple):
        return tuple(poisoned(item) for item in value)
    if isinstance(value, Bilingual):
        return Bilingual(value.zh + HOSTILE, value.en + HOSTILE)
    if dataclasses.is_dataclass(value):
        return type(value)(
            **{part.name: poisoned(getattr(value, part.name)) for part in dataclasses.fields(value)}
        )
    return value


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", specimens.ALL)
def test_hostile_text_in_every_field_appears_as_text_only(kind: str, language: str, poppler: Poppler) -> None:
    clean = specimens.ALL[kind]()
    hostile = poisoned(clean)
    as_filed = Elements(render_html(clean, language=language))
    page = Elements(render_html(hostile, language=language))
    extra_english = {"span"}  # where a text had no English before, there is now one element more to hold it
    assert {n: c for n, c in page.names.items() if n not in extra_english | {"title"}} == {
        n: c for n, c in as_filed.names.items() if n not in extra_english | {"title"}
    }
    assert page.attributes == as_filed.attributes
    said = "".join(page.said)
    assert "<script>alert(1)</script>" in said
    assert "{{ 7*7 }}" in said
    assert "⟨U+0000⟩⟨U+001B⟩[31m⟨U+202E⟩反转⟨U+200B⟩⟨U+E000⟩" in said
    assert not re.search(r"[\x00\x1b\u202e\u200b\ue000]", said)

    if language == "en":
        return  # the same texts in another order: one layout of them is enough
    pdf = render_pdf(hostile)
    text = squeezed(poppler("pdftotext", pdf))
    assert "<script>alert(1)</script>" in text
    assert "root:x:0" not in text
    assert poppler("pdfinfo", pdf, "-url").count("/etc/") == 0


def test_nothing_on_a_page_asks_for_an_inline_style_or_script() -> None:
    for kind in specimens.ALL:
        page = Elements(render_html(specimens.ALL[kind](), style_sheet="/static/print.css"))
        assert "style" not in page.attributes
        assert {"script", "style", "img", "iframe", "object"}.isdisjoint(page.names)
        assert not any(name.startswith("on") for name in page.attributes)


REACHING_OUT = [
    '<img src="file:///etc/passwd">',
    '<img src="FILE:///etc/passwd">',
    '<img src="http://127.0.0.1:9/x.png">',
    '<img src="//127.0.0.1:9/x.png">',
    '<img src="data:image/png;base64,iVBORw0KGgo=">',
    '<img src="print.css">',
    '<img src="asset:../render.py">',
    '<img src="asset:%2e%2e/render.py">',
    '<object data="file:///etc/passwd"></object>',
    '<embed src="file:///etc/passwd">',
    '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
    '<link rel="attachment" href="file:///etc/passwd">',
    '<a rel="attachment" href="file:///etc/passwd">x</a>',
    '<base href="file:///etc/"><img src="passwd">',
    "<style>@import url(file:///etc/passwd);</style>",
    "<style>p { background: url(http://127.0.0.1:9/x.png) }</style><p>x</p>",
    "<style>@font-face { font-family: x; src: url(file:///etc/passwd) } p { font-family: x }</style><p>x</p>",
    "<style>li { list-style-image: url(file:///etc/passwd) }</style><ul><li>x</ul>",
    "<style>p::before { content: url(file:///etc/passwd) }</style><p>x</p>",
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd" width="9" height="9"/></svg>',
]


@pytest.mark.parametrize("reach", REACHING_OUT)
def test_a_page_that_reaches_for_anything_but_the_style_sheet_makes_no_pdf(reach: str) -> None:
    with pytest.raises(RenderFailed) as failed:
        pdf_from_page(f"<!DOCTYPE html><title>x</title><body><p>x</p>{reach}", EPOCH)
    assert "not one of our assets" in failed.value.detail
    assert "系统管理员" in failed.value.zh
    assert "operator" in failed.value.en


def test_what_is_never_fetched_at_all_brings_nothing_into_the_pdf(poppler: Poppler) -> None:
    passive = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><use href="file:///etc/passwd#x"/></svg>'
        '<meta http-equiv="refresh" content="0;url=file:///etc/passwd"><iframe src="file:///etc/passwd"></iframe>'
        '<script src="http://127.0.0.1:9/x.js"></script><video poster="file:///etc/passwd"></video>'
    )
    pdf = pdf_from_page(f"<!DOCTYPE html><title>x</title><p>供热{passive}", EPOCH)
    assert "root:x:0" not in poppler("pdftotext", pdf)
    assert b"root:x:0" not in unpacked(pdf)


def test_the_style_sheet_itself_is_allowed() -> None:
    page = '<!DOCTYPE html><title>x</title><link rel="stylesheet" href="asset:print.css"><p>供热</p>'
    assert pdf_from_page(page, EPOCH).startswith(b"%PDF-1.7")


def test_a_page_that_takes_too_long_is_stopped_and_says_so() -> None:
    page = "<!DOCTYPE html><table><td colspan=1000000>x</table>"
    began = time.monotonic()
    with pytest.raises(RenderFailed) as failed:
        pdf_from_page(page, EPOCH, seconds_allowed=3)
    assert time.monotonic() - began < 10
    assert "3 秒" in failed.value.zh
    assert "3 s" in failed.value.en


def test_a_page_that_needs_too_much_memory_ends_alone_and_says_so_in_both_languages() -> None:
    greedy = (
        "import sys, reports.child as child\n"
        "child.pdf_of = lambda page: bytes(bytearray(child.ADDRESS_SPACE_BYTES))\n"
        "sys.exit(child.main())"
    )
    ended = subprocess.run(
        [sys.executable, "-c", greedy],
        input=b"<p>x",
        capture_output=True,
        check=False,
        env=render._surroundings(os.environ, EPOCH),
    )
    failure = render._failure(ended.returncode, ended.stderr.decode())
    assert ended.returncode == 1
    assert failure.detail == "MemoryError"
    assert "内存" in failure.zh
    assert "memory" in failure.en


@pytest.mark.parametrize(
    "way_out",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "open('/tmp/written-by-a-page', 'w')",
        "import os; os.open('/tmp/written-by-a-page', os.O_WRONLY | os.O_CREAT)",
    ],
)
def test_the_child_has_no_way_out_even_past_the_fetcher(way_out: str) -> None:
    reaching = f"import reports.child as child; child.forbid_ways_out(); {way_out}"
    ended = subprocess.run(
        [sys.executable, "-c", reaching],
        capture_output=True,
        check=False,
        text=True,
        env=render._surroundings(os.environ, EPOCH),
    )
    assert ended.returncode == 1
    assert "reports.child.Forbidden" in ended.stderr
    assert not Path("/tmp/written-by-a-page").exists()


def test_a_child_that_dies_without_a_word_is_reported_too() -> None:
    failure = render._failure(-9, "")
    assert failure.detail.startswith("exit code -9")
    assert "重试" in failure.zh


def test_secrets_of_this_process_are_not_handed_to_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", "hunter2")
    handed = render._surroundings({"DATABASE_PASSWORD": "hunter2", "PATH": "/usr/bin"}, EPOCH)
    assert "hunter2" not in handed.values()
    assert handed["SOURCE_DATE_EPOCH"] == str(EPOCH)


def test_an_annex_of_200_rows_is_whole_repeats_its_head_and_is_quick(poppler: Poppler) -> None:
    # Seconds of CPU, which are the wall's on an idle machine and the same on a busy one.
    began = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    pdf = render_pdf(specimens.notice(rows=200, total_rows=1386))
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - began < 15
    pages = [squeezed(page) for page in poppler("pdftotext", pdf).split("\f")[:-1]]
    annexed = [page for page in pages if "CB-2526-" in page]
    assert 10 <= len(annexed) <= 14
    assert all("账单号" in page and "复算式" in page for page in annexed)
    assert all(f"CB-2526-{number:07d}" in "".join(annexed) for number in range(1, 201))
    assert "共1386笔" in annexed[0]
    assert specimens.sha("csv") in annexed[0]


def test_a_notice_without_money_and_annex_is_a_document_too(poppler: Poppler) -> None:
    bare = specimens.notice(
        rows=0,
        billed_total=None,
        recomputed_total=None,
        overcharge_total=None,
        demands=(),
        remedies=(),
        copied_to=(),
    )
    text = poppler("pdftotext", render_pdf(bare))
    assert "附件" not in text
    assert "复算应计" not in text


def test_an_inconclusive_worksheet_says_what_is_missing(poppler: Poppler) -> None:
    sheet = specimens.worksheet(
        outcome=Outcome.INCONCLUSIVE,
        recomputed_total=None,
        overcharge=None,
        cause=None,
        missing=(Bilingual("使用面积未报送", "usable area was not filed"),),
    )
    text = squeezed(poppler("pdftotext", render_pdf(sheet)))
    assert "无法判定" in text
    assert "使用面积未报送" in text


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="zh"):
        render_html(specimens.receipt(), language="fr")  # type: ignore[arg-type]


def test_the_signer_is_printed(poppler: Poppler) -> None:
    signed = specimens.receipt(signer=Signatory("欧阳靖", Bilingual("总经理", "general manager")))
    assert "欧阳靖" in poppler("pdftotext", render_pdf(signed))
