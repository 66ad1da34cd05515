"""The colors of a drawing, in light and dark."""

from __future__ import annotations

#: colors by light, by what they are for; `mail` is the brand's own
_LIGHT = {"ink": "#1c2b33", "soft": "#5b6b73", "paper": "#f3f6f7", "card": "#ffffff", "line": "#b9c5ca",
          "wait": "#6b7a82", "ask": "#945d00", "deed": "#5b4bb0", "on": "#ffffff"}  # fmt: skip
_DARK = {"ink": "#e9eef0", "soft": "#a3b1b8", "paper": "#11171a", "card": "#1a2226", "line": "#47565e",
         "wait": "#9fb0b8", "ask": "#f0b955", "deed": "#b3a7f5", "on": "#11171a"}  # fmt: skip
_SIZES = """.drawn { font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
.drawn text { font-size: 13px; } .drawn .title { font-size: 15px; font-weight: 650; }
.drawn .head { font-size: 22px; font-weight: 700; } .drawn .kind { font-size: 12px; font-weight: 650; }
.drawn .small, .drawn .label-text { font-size: 12px; } .drawn .now-text { font-weight: 650; }"""
_COLORS = """.drawn .ground {{ fill: {paper}; }} .drawn .box {{ fill: {card}; stroke: {line}; }}
.drawn .way {{ stroke: {line}; stroke-width: 2; fill: none; }} .drawn .chip {{ fill: none; stroke: {line}; }}
.drawn text {{ fill: {ink}; }} .drawn .soft {{ fill: {soft}; }} .drawn .now-text {{ fill: {on}; }}
.drawn .label {{ fill: {paper}; stroke: {ask}; }} .drawn .label-text {{ fill: {ask}; }}
{tones}"""
_TONE = ".drawn .{name} .bar, .drawn .{name} .kind, .drawn .{name} .now {{ fill: {color}; }}"


def style(primary: str) -> str:
    """Colors are written out for both: not every viewer of SVG knows variables."""
    light, dark = _colored(_LIGHT | {"mail": primary}), _colored(_DARK | {"mail": _lighter(primary)})
    return f"{_SIZES}\n{light}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}"


def _colored(colors: dict[str, str]) -> str:
    tones = "\n".join(_TONE.format(name=name, color=colors[name]) for name in ("mail", "wait", "ask", "deed"))
    return _COLORS.format(**colors, tones=tones)


def _lighter(color: str) -> str:
    """The color of the brand, light enough to be read on a dark ground."""
    parts = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part * 0.45 + 255 * 0.55):02x}" for part in parts)
