"""Documents as one HTML file that needs nothing else (standard library only).

Formulas are MathML, verdicts unfold, tables sort, pictures are inline SVG. All text is escaped, and
the page's own policy lets no script run but the one below.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from html import escape

from verifier.render.document import (
    Block,
    Citation,
    Code,
    Display,
    Document,
    Environment,
    Fold,
    Grid,
    Heading,
    Named,
    Numbering,
    Paragraph,
    Picture,
    Piece,
    Reference,
    References,
    Words,
    woven,
)
from verifier.render.latex import mathematics
from verifier.render.mathml import mathml
from verifier.render.prose import marked, pretty
from verifier.render.svg import svg_picture

PAGE_STYLE = """
:root{color-scheme:light dark}
:root{--page:#fff;--ink:#1b1b1b;--line:#b9b9b9;--soft:#f1f1f1;--link:#0b57d0}
@media(prefers-color-scheme:dark){
:root{--page:#151515;--ink:#e8e8e8;--line:#5c5c5c;--soft:#232323;--link:#a8c7fa}}
html{background:var(--page);color:var(--ink)}
body{font:1rem/1.55 Georgia,'Times New Roman',serif;max-width:48rem;margin:0 auto;padding:1rem}
h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.25rem;margin-top:2rem}h3{font-size:1.05rem}
a{color:var(--link)}
p{overflow-x:auto;overflow-y:hidden}
h1,h2,h3,summary,p,li{overflow-wrap:break-word}
.source{font-style:italic}
""".strip()
# What blocks look like, also on a page of another style that sets --line, --soft and --link.
BLOCK_STYLE = """
.scroll{overflow-x:auto;overflow-y:hidden;max-width:100%;margin:.5rem 0}
.display{display:flex;align-items:center;gap:1rem}.display>math{flex:1 1 auto;margin:0}
.number{flex:0 0 auto}
table{border-collapse:collapse;font-size:.92rem}
th,td{text-align:left;vertical-align:top;padding:.3rem .7rem .3rem 0}
th,td{border-bottom:1px solid var(--line)}
th button{all:unset;cursor:pointer;font-weight:bold}
th button:focus-visible{outline:2px solid var(--link)}
th[aria-sort=ascending] button::after{content:' \\2191'}
th[aria-sort=descending] button::after{content:' \\2193'}
details{border:1px solid var(--line);border-radius:.3rem;margin:.5rem 0;padding:.3rem .8rem}
details[open]{background:var(--soft)}
@media print{:root{--page:#fff;--ink:#000;--soft:#fff;--link:#000}}
summary{cursor:pointer}
.theorem,.lemma{background:var(--soft);border-left:3px solid var(--line)}
.theorem,.lemma{padding:.3rem .8rem;margin:.8rem 0}
.proof{margin:.8rem 0 .8rem .8rem}
.depth{margin-left:1.5rem}
pre{background:var(--soft);padding:.6rem;overflow-x:auto;font-size:.85rem}
svg{width:100%;height:auto;max-width:40rem}
svg text{font:13px sans-serif;fill:currentColor}
.axis,.curve{fill:none;stroke:currentColor}.curve{stroke-width:2;stroke:var(--link)}
.mark{fill:var(--link)}
@media print{body{max-width:none;padding:0;font-size:10pt}.scroll,pre{overflow:visible}
details{border:0}.theorem,.lemma,table,svg{break-inside:avoid}}
""".strip()
# Rows sort by a click on the name of their column; everything is unfolded on paper.
SCRIPT = """
for(const b of document.querySelectorAll('th button'))b.addEventListener('click',()=>{
const th=b.parentElement,tb=th.closest('table').tBodies[0],k=th.cellIndex;
const up=th.getAttribute('aria-sort')!=='ascending';
for(const o of th.parentElement.cells)o.removeAttribute('aria-sort');
th.setAttribute('aria-sort',up?'ascending':'descending');
const key=r=>{const t=r.cells[k].textContent.trim().replace('\\u2212','-');
const u=(/[=\\u2248] *(\\S+)$/.exec(t)||[t,t])[1],f=/^([-+]?[0-9]+)\\/([0-9]+)$/.exec(u);
const n=f?f[1]/f[2]:parseFloat(u);return /^[-+]?[0-9.]/.test(u)&&!isNaN(n)?n:t};
[...tb.rows].map(r=>[key(r),r]).sort((x,y)=>{const[a,c]=[x[0],y[0]];
const d=typeof a==='number'&&typeof c==='number'?a-c:String(a).localeCompare(String(c));
return up?d:-d}).forEach(r=>tb.append(r[1]))});
addEventListener('beforeprint',()=>document.querySelectorAll('details').forEach(d=>d.open=true));
""".strip()


def html_document(document: Document) -> str:
    """A complete page, the same for the same report."""
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    title = escape(document.title)
    head = [
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{title}</title><style>{PAGE_STYLE}\n{BLOCK_STYLE}</style></head><body><main>",
        f"<h1>{prose(document.title)}</h1>",
        f'<p class="source">{prose(document.source)}</p>' if document.source else "",
    ]
    tail = [f"</main><script>{SCRIPT}</script></body></html>", ""]
    return "\n".join([*head, fragment(_raised(document.blocks)), *tail])


def fragment(blocks: Iterable[Block]) -> str:
    """Blocks inside a page that has `BLOCK_STYLE`."""
    return "\n".join(map(_block, blocks))


def _raised(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """With the highest headings of the document right below its title."""
    least = min((block.level for block in blocks if isinstance(block, Heading)), default=1)
    for block in blocks:
        if isinstance(block, Heading):
            yield Heading(block.level - least + 1, block.text)
        else:
            yield block


def prose(text: str) -> str:
    """Words, escaped, with the mathematics in them as such."""
    return marked(text, escape, mathml)


def inline(pieces: tuple[Piece, ...]) -> str:
    """Words and formulas in one paragraph."""
    return woven(pieces, _words, lambda group: _formula(tuple(group)))


def _words(words: Words) -> str:
    match words:
        case Reference(number):
            return f'<a href="#eq-{number}">({number})</a>'
        case Named(kind, number):
            return f'<a href="#{kind}-{number}">{kind.capitalize()} {number}</a>'
        case Citation(keys):
            links = ", ".join(f'<a href="#ref-{escape(key)}">{escape(key)}</a>' for key in keys)
            return f"[{links}]"
    return prose(words)


def _formula(pieces: tuple[Piece, ...], display: bool = False) -> str:
    """Formulas with the numbers of equations between them."""
    parts: list[str] = []
    group: list[Piece] = []
    for piece in (*pieces, None):
        if piece is not None and not isinstance(piece, Numbering):
            group.append(piece)
            continue
        if group:
            parts.append(mathml(mathematics(group), display))
            group = []
        if isinstance(piece, Numbering):
            parts.append(f' <span id="eq-{piece.number}">({piece.number})</span>')
    return "".join(parts)


def _block(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"<h{level + 1}>{prose(text)}</h{level + 1}>"
        case Paragraph(pieces, depth):
            return f"<p{_depth(depth)}>{inline(pieces)}</p>"
        case Display(pieces, depth, number):
            tag = f'<span class="number" id="eq-{number}">({number})</span>' if number else ""
            body = f"<div {_scrolls('formula', 'display')}>{_formula(pieces, True)}{tag}</div>"
            return f"<div{_depth(depth)}>{body}</div>" if depth else body
        case Code(lines):
            return f'<pre tabindex="0">{escape(chr(10).join(lines))}</pre>'
        case Grid():
            return _grid(block)
        case Picture():
            return f"<div {_scrolls('picture')}>{svg_picture(block)}</div>"
        case Environment():
            return _environment(block)
        case Fold(summary, blocks):
            body = fragment(blocks)
            return f"<details><summary>{inline(summary)}</summary>\n{body}</details>"
        case References(entries):
            items = (f'<li id="ref-{escape(key)}">{escape(entry)}</li>' for key, entry in entries)
            return f"<h2>References</h2><ol>{''.join(items)}</ol>" if entries else ""


def _depth(depth: int) -> str:
    return ' class="depth"' if depth else ""


def _environment(block: Environment) -> str:
    name = " ".join(filter(None, (block.kind.capitalize(), str(block.number or ""))))
    name = f"{name} {prose(block.title)}" if block.title else name
    body = fragment(block.blocks)
    if block.kind == "proof":
        return f'<details class="proof" open><summary><i>{name}.</i></summary>\n{body}</details>'
    label = f' id="{block.kind}-{block.number}"' if block.number else ""
    return f'<section class="{escape(block.kind)}"{label}><p><b>{name}.</b></p>\n{body}</section>'


def _grid(grid: Grid) -> str:
    """A table that scrolls on a narrow screen and sorts by its columns."""
    names = "".join(map(_column, grid.columns))
    rows = "".join(
        f"<tr>{''.join(f'<td>{inline(cell)}</td>' for cell in row)}</tr>" for row in grid.rows
    )
    return (
        f"<div {_scrolls('table')}><table>"
        f"<thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _column(name: str) -> str:
    """The head of a column; where it is mathematics its words name the button."""
    if not name:
        return '<td aria-hidden="true"></td>'
    shown = prose(name)
    label = f' aria-label="{escape(pretty(name))}"' if "<math" in shown else ""
    return f'<th scope="col"><button type="button"{label}>{shown}</button></th>'


def _scrolls(what: str, look: str = "") -> str:
    """The attributes of a box that scrolls: a keyboard reaches it, and it says what it holds."""
    looks = f"scroll {look}".rstrip()
    return f'class="{looks}" tabindex="0" role="group" aria-label="{what}"'
