"""Notices whatever runs, loads or leaves in a browser without being a part of the page."""

from __future__ import annotations

from typing import Any

# Runs before anything of the page. What it sees is told on the console, which outlives the document.
WATCH = """(() => {
    const tell = (what) => console.error(`TRIPPED ${what}`);
    Object.defineProperty(window, "pwned", { set: () => tell("pwned"), get: () => undefined });
    for (const name of ["alert", "confirm", "prompt", "open"]) window[name] = () => tell(name);
    const planted = (text) => /pwned|evil\\.invalid|alert\\(1\\)/.test(String(text));
    const strung = {
        apply(target, self, given) {
            if (given.some(planted)) tell(target.name);
            return Reflect.apply(target, self, given);
        },
        construct(target, given, made) {
            if (given.some(planted)) tell(target.name);
            return Reflect.construct(target, given, made);
        },
    };
    for (const name of ["eval", "Function"]) window[name] = new Proxy(window[name], strung);
    const sinks = [[Element, "innerHTML"], [Element, "outerHTML"], [ShadowRoot, "innerHTML"],
        [HTMLIFrameElement, "srcdoc"]];
    for (const [{ prototype }, name] of sinks) {
        const { get, set, ...more } = Object.getOwnPropertyDescriptor(prototype, name);
        Object.defineProperty(prototype, name, { ...more, get, set(text) {
            if (planted(text)) tell(name);
            set.call(this, text);
        } });
    }
    const called = [[Element, "insertAdjacentHTML"], [Document, "write"], [Range, "createContextualFragment"],
        [DOMParser, "parseFromString"]];
    for (const [{ prototype }, name] of called) prototype[name] = new Proxy(prototype[name], strung);
    addEventListener("securitypolicyviolation", (event) => tell(`policy: ${event.violatedDirective} ${event.blockedURI}`));
    const grown = (node) => {
        for (const one of node.nodeType === 1 ? [node, ...node.querySelectorAll("*")] : []) {
            if (/^(script|style)$/i.test(one.tagName) && planted(one.textContent)) tell(`<${one.tagName}>`);
            for (const { name, value } of one.attributes) {
                const acts = /^on|^(href|src|srcset|action|formaction|data|style)$|:href$/i.test(name);
                if (acts && planted(value) && !value.startsWith(location.origin)) tell(`<${one.tagName} ${name}>`);
            }
        }
    };
    new MutationObserver((changes) => changes.forEach(({ addedNodes, target, type }) =>
        type === "attributes" ? grown(target) : addedNodes.forEach(grown)))
        .observe(document, { subtree: true, childList: true, attributes: true });
})()"""


class Tripwire:
    """Watches every page of a browser's context; `seen` holds what should not have happened."""

    def __init__(self, context: Any, address: str) -> None:
        self.seen: list[str] = []
        self._address = address
        context.add_init_script(WATCH)
        context.on("page", self._watch)
        context.on("request", lambda request: self._leaves(request.url))

    def _watch(self, page: Any) -> None:
        page.on("pageerror", lambda error: self.seen.append(f"error: {error}"))
        page.on("console", lambda told: self._told(told.text))
        page.on("dialog", self._dismiss)
        page.on("popup", lambda popup: self.seen.append(f"popup: {popup.url}"))
        page.on("framenavigated", lambda frame: self._leaves(frame.url))

    def _told(self, text: str) -> None:
        if text.startswith("TRIPPED") or "Content Security Policy" in text:
            self.seen.append(text)

    def _dismiss(self, dialog: Any) -> None:
        self.seen.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _leaves(self, url: str) -> None:
        if not url.startswith((f"{self._address}/", "about:blank", "data:", "blob:")):
            self.seen.append(f"sought: {url}")
