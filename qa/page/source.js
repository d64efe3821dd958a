// A review as it reads: a window of its headings and paragraphs that grows as one scrolls.

import { element, marked, plainLine } from "./dom.js";

const MORE = 40; // blocks fetched at a time

export class Source {
  constructor({ body, outline, footnote, read }) {
    Object.assign(this, { body, outline, footnote, read });
    this.above = element("div", { class: "more" });
    this.below = element("div", { class: "more" });
    this.watch = new IntersectionObserver((seen) => this.grow(seen), { root: body, rootMargin: "800px 0px" });
  }

  /** Show the review around the first of `marks`; `others` are the answer's other highlights. */
  async open(review, marks, others) {
    this.review = review;
    this.marks = [...marks.map((span) => [...span, "here"]), ...others.map((span) => [...span, "other"])];
    this.first = this.last = 0;
    this.outline.hidden = true;
    this.body.replaceChildren(element("p", { class: "waiting", told: "reading" }));
    await this.show(marks[0][0], () => this.body.querySelector("mark.here"));
  }

  /** Leave the place to something else; what is still being fetched is dropped. */
  leave() {
    this.left = true;
    this.watch.disconnect();
    this.outline.hidden = true;
    this.footnote.hidden = true;
  }

  returnToQuote() {
    return this.show(this.marks[0][0], () => this.body.querySelector("mark.here"));
  }

  /** Show the text at an offset, fetching what stands around it, and scroll to `target()`. */
  async show(at, target) {
    if (this.total === undefined || !this.holds(at)) {
      const found = (await this.read({ review: this.review, at })) ?? { error: { told: "lost" } };
      if (this.left) return;
      if (found.error) {
        this.body.replaceChildren(plainLine(found.error));
        return;
      }
      this.watch.disconnect();
      this.take(found);
      this.body.replaceChildren(this.above, ...found.blocks.map((block) => this.node(block)), this.below);
      this.tellOutline(found.outline);
      this.watchEnds();
    }
    const node = target() ?? this.body.querySelector(`[data-at="${at}"]`);
    node?.scrollIntoView({ block: node.matches("mark") ? "center" : "start" });
  }

  holds(at) {
    const blocks = this.body.querySelectorAll("[data-at]");
    if (!blocks.length) return false;
    return Number(blocks[0].dataset.at) <= at && at <= Number(blocks[blocks.length - 1].dataset.at);
  }

  take({ first, blocks, total, references }) {
    [this.first, this.last, this.total] = [first, first + blocks.length, total];
    this.references = references;
  }

  watchEnds() {
    if (this.first > 0) this.watch.observe(this.above);
    if (this.last < this.total) this.watch.observe(this.below);
  }

  /** Fetch what comes before or after, once an end of the window is near. */
  async grow(seen) {
    for (const { target } of seen.filter(({ isIntersecting }) => isIntersecting)) {
      this.watch.unobserve(target);
      const upwards = target === this.above;
      const [first, last] = upwards
        ? [Math.max(this.first - MORE, 0), this.first]
        : [this.last, Math.min(this.last + MORE, this.total)];
      const found = await this.read({ review: this.review, first, last });
      if (this.left || !found?.blocks || (upwards ? this.first : this.last) !== (upwards ? last : first)) return;
      Object.assign(this.references, found.references);
      const nodes = found.blocks.map((block) => this.node(block));
      const height = this.body.scrollHeight;
      if (upwards) {
        this.above.after(...nodes);
        this.body.scrollTop += this.body.scrollHeight - height; // what is read stays where it is
        this.first = first;
      } else {
        this.below.before(...nodes);
        this.last = last;
      }
      this.watchEnds();
    }
  }

  node({ at, level, text, lang, cites }) {
    const spans = this.marks.map(([start, end, kind]) => ({ start: start - at, end: end - at, kind })).filter(({ end }) => end > 0);
    const attributes = { lang, class: level ? "heading" : "passage", "data-at": at };
    if (level) Object.assign(attributes, { role: "heading", "aria-level": Math.min(level + 2, 6), tabindex: "-1" });
    return element(level ? "div" : "p", attributes,
      ...marked(text, spans, cites, (marker, entries) => this.cite(marker, entries)));
  }

  /** A marker that leads to its entries, or null where the review lists none that is certain. */
  cite(marker, entries) {
    if (!entries.length) return null;
    const node = element("span", { class: "cite", role: "button", tabindex: "0", text: marker });
    const open = () => this.openFootnote(node, entries);
    node.addEventListener("click", open);
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      open();
    });
    return node;
  }

  openFootnote(cite, entries) {
    this.cited = cite;
    const shown = entries.map((at) => {
      const { text, lang, number } = this.references[at];
      const inList = () => this.show(at, () => this.entryAt(at));
      return element("p", {}, number === null ? "" : `[${number}] `, element("span", { lang, text }), " ",
        element("button", { type: "button", class: "quiet", told: "inList", on: { click: inList } }));
    });
    const close = element("button", { type: "button", class: "quiet", told: "close", on: { click: () => this.closeFootnote() } });
    this.footnote.replaceChildren(element("div", { class: "entries" }, ...shown), close);
    this.footnote.hidden = false;
    this.footnote.focus();
  }

  closeFootnote() {
    this.footnote.hidden = true;
    this.cited?.focus({ preventScroll: true });
  }

  /** The paragraph that holds an offset: an entry begins after its number. */
  entryAt(at) {
    const blocks = [...this.body.querySelectorAll("[data-at]")];
    const entry = blocks.findLast((block) => Number(block.dataset.at) <= at);
    entry?.classList.add("entry");
    return entry;
  }

  tellOutline(headings) {
    this.outline.hidden = headings.length === 0;
    const here = headings.findLast(({ at }) => at <= this.marks[0][0]);
    this.outline.replaceChildren(
      element("summary", { told: "outline" }),
      element("nav", { label: "outline" }, element("ol", {}, ...headings.map((heading) => {
        const go = () => {
          this.outline.open = false;
          return this.show(heading.at, () => this.body.querySelector(`[data-at="${heading.at}"]`));
        };
        return element("li", {}, element("button", {
          type: "button", class: "quiet", lang: heading.lang, text: heading.text,
          "aria-current": heading === here ? "location" : null, "data-level": heading.level, on: { click: go },
        }));
      }))));
  }
}
