// The source around a quote, at its highlight: a pane beside the thread, a sheet on a phone.

import { element, marked } from "./dom.js";

const NARROW = matchMedia("(max-width: 699px)");
const BEHIND = ["masthead", "thread", "desk"];

let pane, title, body, read;
let from = null; // the card that was left for the reader

export function mount({ element: place, server }) {
  read = server.read;
  title = element("p", { class: "reader-title", tabindex: "-1" });
  body = element("div", { class: "reader-body", tabindex: "0", label: "reader" });
  const back = element("button", { type: "button", class: "quiet", id: "reader-back", on: { click: closeReader } },
    element("span", { class: "for-sheet", told: "back" }), element("span", { class: "for-pane", told: "close" }));
  pane = element("section", { class: "reader", role: "region", label: "reader", hidden: "" },
    element("div", { class: "reader-head" }, title, back), body);
  place.replaceChildren(pane);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !pane.hidden) closeReader();
  });
  NARROW.addEventListener("change", coverRest);
}

export async function openReader(quote, card) {
  from = card;
  pane.hidden = false;
  document.body.classList.add("reading");
  document.querySelectorAll("article.quote.open").forEach((other) => other.classList.remove("open"));
  card.classList.add("open");
  coverRest();
  title.textContent = quote.source.title;
  title.lang = quote.place.lang;
  body.replaceChildren(element("p", { class: "waiting", told: "reading" }));
  title.focus({ preventScroll: true });
  const found = (await read(quote.place)) ?? { error: { told: "lost" } };
  if (from !== card) return; // another card was opened meanwhile
  body.replaceChildren(...(found.error
    ? [element("p", { class: "line", told: found.error.told })]
    : found.sections.map((part) => section(part, quote.place.marks))));
  body.querySelector("mark")?.scrollIntoView({ block: "center" });
}

export function closeReader() {
  if (!pane || pane.hidden) return;
  pane.hidden = true;
  document.body.classList.remove("reading");
  coverRest();
  from?.classList.remove("open");
  from?.focus();
  from = null;
}

function section({ heading, paragraphs, lang }, marks) {
  return element("section", {},
    heading ? element("h3", { lang, text: heading }) : null,
    ...paragraphs.map((paragraph) => passage(paragraph, marks)));
}

function passage({ start, text, lang }, marks) {
  const within = marks.map(([first, last]) => ({ start: first - start, end: last - start })).filter(({ end }) => end > 0);
  return element("p", { lang, class: "passage" }, ...marked(text, within));
}

// On a phone the sheet hides everything else, from the keyboard and from screen readers too.
function coverRest() {
  const covered = !pane.hidden && NARROW.matches;
  for (const id of BEHIND) document.getElementById(id)?.toggleAttribute("inert", covered);
}
