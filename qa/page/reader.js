// The source around a quote, at its highlight: a pane beside the thread, a sheet on a phone.

import { element } from "./dom.js";
import { showExtracted } from "./extracted.js";
import { leaveLayer, openLayer } from "./layers.js";
import { tell } from "./settings.js";
import { Source } from "./source.js";

const NARROW = matchMedia("(max-width: 699px)");
const BEHIND = ["masthead", "thread", "desk"];

let pane, title, body, outline, footnote, counter, steps, raw, server;
let quotes = []; // of this answer, each with the card it stands on: { quote, card }
let at = 0; // the one that is open
let source = null;

export function mount({ element: place, server: functions }) {
  server = functions;
  const button = (told, click, more = {}) => element("button", { type: "button", class: "quiet", told, on: { click }, ...more });
  title = element("p", { class: "reader-title", tabindex: "-1" });
  counter = button("quoteOf", () => source?.returnToQuote(), { values: { number: 0, count: 0 } });
  const step = (by, label, text) =>
    element("button", { type: "button", class: "quiet step", label, text, on: { click: () => move(by) } });
  steps = [step(-1, "previousQuote", "↑"), step(1, "nextQuote", "↓")];
  raw = button("extracted", toggleExtracted, { "aria-pressed": "false" });
  outline = element("details", { class: "outline" });
  outline.addEventListener("toggle", () => outline.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" }));
  body = element("div", { class: "reader-body", role: "group", tabindex: "0", label: "sourceText" });
  footnote = element("aside", { class: "footnote", tabindex: "-1", label: "references", hidden: "" });
  const back = element("button", { type: "button", class: "quiet", id: "reader-back", on: { click: closeReader } },
    element("span", { class: "for-sheet", told: "back" }), element("span", { class: "for-pane", told: "close" }));
  pane = element("section", { class: "reader", role: "region", label: "reader", hidden: "" },
    element("div", { class: "reader-head" }, title, back),
    element("div", { class: "reader-tools" }, counter, ...steps, raw),
    outline, body, footnote);
  place.replaceChildren(pane);
  document.addEventListener("keydown", escape);
  NARROW.addEventListener("change", coverRest);
}

/** Open the source of the quote at `index` of an answer's. */
export function openReader(shown, index) {
  quotes[at]?.card.classList.remove("open");
  [quotes, at] = [shown, index];
  if (pane.hidden) openLayer(hide);
  pane.hidden = false;
  document.body.classList.add("reading");
  coverRest();
  title.focus({ preventScroll: true });
  return show();
}

export function closeReader() {
  leaveLayer(hide);
}

function move(by) {
  quotes[at].card.classList.remove("open");
  at += by;
  quotes[at].card.scrollIntoView({ block: "nearest" });
  return show();
}

async function show() {
  const { quote: { place, source: review }, card } = quotes[at];
  card.classList.add("open");
  title.textContent = review.title;
  title.lang = place.lang;
  tell(counter, "quoteOf", { number: at + 1, count: quotes.length });
  steps[0].disabled = at === 0;
  steps[1].disabled = at === quotes.length - 1;
  raw.setAttribute("aria-pressed", "false");
  source?.leave();
  source = new Source({ body, outline, footnote, read: server.read });
  await source.open(place.review, place.marks, otherMarks());
}

/** The highlights of this answer's other quotes from the same review. */
function otherMarks() {
  const { place: { review } } = quotes[at].quote;
  return quotes.filter(({ quote }, index) => index !== at && quote.place.review === review).flatMap(({ quote }) => quote.place.marks);
}

async function toggleExtracted() {
  const wanted = raw.getAttribute("aria-pressed") === "false";
  if (!wanted) return show();
  raw.setAttribute("aria-pressed", "true");
  source.leave();
  const { review, marks } = quotes[at].quote.place;
  return showExtracted(body, server.extracted, review, marks, otherMarks());
}

function hide() {
  pane.hidden = true;
  source?.leave();
  source = null;
  document.body.classList.remove("reading");
  coverRest();
  const { card } = quotes[at] ?? {};
  card?.classList.remove("open");
  card?.focus();
}

function escape(event) {
  if (event.key !== "Escape" || pane.hidden || pane.closest("[inert]")) return;
  if (footnote.hidden) closeReader();
  else source.closeFootnote();
}

// On a phone the sheet hides everything else, from the keyboard and from screen readers too.
function coverRest() {
  const covered = !pane.hidden && NARROW.matches;
  for (const id of BEHIND) document.getElementById(id)?.toggleAttribute("inert", covered);
}
