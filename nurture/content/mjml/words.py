"""The words of MJML: its elements, what may stand in what, and their attributes (mjml.io/documentation, 4.15).

`mrml` passes words it does not know without a murmur, so that a slip of the pen would arrive at the reader.
"""

from __future__ import annotations

_PADDING = "padding padding-top padding-right padding-bottom padding-left"
_BORDER = "border border-top border-right border-bottom border-left border-radius"
_BACKGROUND = (
    "background-color background-url background-repeat background-size background-position background-position-x "
    "background-position-y"
)
_FONT = "color font-family font-size font-style font-weight letter-spacing line-height text-decoration text-transform"
_BLOCK = f"align container-background-color {_PADDING}"
_LINK = "href rel target title name"
_BOX = f"{_BACKGROUND} {_BORDER} {_PADDING} direction full-width text-align text-padding"

_ATTRIBUTES = {
    "mjml": "lang dir owa",
    "mj-head": "",
    "mj-body": "background-color width id lang title dir",
    "mj-title": "",
    "mj-preview": "",
    "mj-style": "inline",
    "mj-font": "name href",
    "mj-breakpoint": "width",
    "mj-attributes": "",
    "mj-raw": "position",
    "mj-wrapper": f"{_BOX} gap",
    "mj-section": _BOX,
    "mj-group": "background-color direction vertical-align width",
    "mj-column": (
        f"background-color inner-background-color inner-border inner-border-top inner-border-right "
        f"inner-border-bottom inner-border-left inner-border-radius direction vertical-align width {_BORDER} {_PADDING}"
    ),
    "mj-text": f"{_BLOCK} {_FONT} height",
    "mj-button": (
        f"{_BLOCK} {_FONT} {_LINK} {_BORDER} background-color height inner-padding text-align vertical-align width"
    ),
    "mj-image": (
        f"{_BLOCK} {_LINK} {_BORDER} src alt srcset sizes width height max-height fluid-on-mobile usemap font-size"
    ),
    "mj-divider": f"{_BLOCK} border-color border-style border-width width",
    "mj-spacer": f"container-background-color {_PADDING} height",
    "mj-table": f"{_BLOCK} {_FONT} border cellpadding cellspacing role table-layout width",
    "mj-hero": (
        f"{_BACKGROUND} {_PADDING} background-height background-width border-radius container-background-color height "
        "inner-background-color inner-padding inner-padding-top inner-padding-right inner-padding-bottom "
        "inner-padding-left mode vertical-align width"
    ),
    "mj-social": (
        f"{_BLOCK} {_FONT} border-radius icon-height icon-size icon-padding inner-padding mode table-layout "
        "text-padding vertical-align"
    ),
    "mj-social-element": (
        f"{_FONT} {_LINK} {_PADDING} align alt background-color border-radius icon-height icon-padding icon-position "
        "icon-size sizes src srcset text-padding vertical-align"
    ),
    "mj-navbar": (
        "align base-url hamburger ico-align ico-close ico-color ico-font-family ico-font-size ico-line-height ico-open "
        "ico-padding ico-padding-top ico-padding-right ico-padding-bottom ico-padding-left ico-text-decoration "
        "ico-text-transform"
    ),
    "mj-navbar-link": f"{_FONT} {_LINK} {_PADDING}",
}
#: what `mj-class` and `mj-all` may set: anything another element takes
_ANY = " ".join(dict.fromkeys(" ".join(_ATTRIBUTES.values()).split()))

#: element -> the attributes it takes
ATTRIBUTES: dict[str, frozenset[str]] = {
    name: frozenset((*attributes.split(), *(("css-class", "mj-class") if "mj-" in name else ())))
    for name, attributes in (_ATTRIBUTES | {"mj-all": _ANY, "mj-class": f"{_ANY} name"}).items()
}
_CONTENT = frozenset(
    ("mj-text", "mj-button", "mj-image", "mj-divider", "mj-spacer", "mj-table", "mj-social", "mj-navbar", "mj-raw")
)
_EMPTY = ("mj-image", "mj-divider", "mj-spacer", "mj-font", "mj-breakpoint", "mj-all", "mj-class")
#: element -> what may stand in it; what is not listed holds HTML
CHILDREN: dict[str, frozenset[str]] = {
    "": frozenset(("mjml",)),
    "mjml": frozenset(("mj-head", "mj-body")),
    "mj-head": frozenset(("mj-title", "mj-preview", "mj-style", "mj-font", "mj-breakpoint", "mj-attributes", "mj-raw")),
    "mj-attributes": frozenset(ATTRIBUTES) - {"mjml", "mj-head", "mj-body", "mj-attributes", "mj-raw"},
    "mj-body": frozenset(("mj-wrapper", "mj-section", "mj-hero", "mj-raw")),
    "mj-wrapper": frozenset(("mj-section", "mj-hero", "mj-raw")),
    "mj-section": frozenset(("mj-column", "mj-group", "mj-raw")),
    "mj-group": frozenset(("mj-column", "mj-raw")),
    "mj-column": _CONTENT,
    "mj-hero": _CONTENT,
    "mj-social": frozenset(("mj-social-element", "mj-raw")),
    "mj-navbar": frozenset(("mj-navbar-link", "mj-raw")),
    **dict.fromkeys(_EMPTY, frozenset()),
}
#: elements inside which Jinja's own tags may stand between others; they are carried over in `mj-raw`
CONTAINERS = frozenset(CHILDREN) - {"", "mjml", "mj-head", "mj-attributes", *_EMPTY}
#: elements of HTML between whose parts a browser suffers no text
TABLES = frozenset(("mj-table", "table", "thead", "tbody", "tfoot", "tr", "colgroup"))
#: elements that hold plain words, or styles
HOLD_WORDS = frozenset(("mj-title", "mj-preview", "mj-style"))
#: elements that hold HTML
HOLD_HTML = frozenset(
    ("mj-text", "mj-button", "mj-table", "mj-raw", "mj-navbar-link", "mj-social-element", *HOLD_WORDS)
)
#: attributes with which mrml reckons
MEASURES = frozenset(
    one for one in _ANY.split() if one.endswith(("width", "height", "size")) or "padding" in one
) - {"background-size", "line-height", "max-height"}  # fmt: skip
