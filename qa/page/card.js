// One answer: its quotes as cards, or that the reviews do not say.

import { copy, element, languageOf, marked } from "./dom.js";
import { exportMenu } from "./exports.js";
import { openReader } from "./reader.js";
import { tell } from "./settings.js";

const SUREST = 0.85; // from here on, a wrong first quote is rare
const SURE = 0.65;

/** Return the nodes of an answer; `offers` holds questions to go on with where it is none. */
export function answerCard(answer, offers) {
  const understood = answer.read_as === answer.question ? [] : [readAs(answer.read_as)];
  return answer.status === "answered"
    ? [...understood, verdict(answer), ...quoteCards(answer.quotes), exportMenu("exportAnswer", () => [answer])]
    : [...understood, notFound(answer, offers)];
}

function readAs(text) {
  return element("p", { class: "read-as" }, element("span", { told: "readAs" }), element("q", { lang: languageOf(text), text }));
}

function verdict({ confidence, quotes }) {
  const level = confidence >= SUREST ? "surest" : confidence >= SURE ? "sure" : "unsure";
  const words = element("span", { class: `confidence ${level}`, told: level });
  tell(words, "confidence", { percent: Math.round(confidence * 100) }, "title");
  return element("p", { class: "verdict" }, element("span", { told: "found", values: { count: quotes.length } }), words);
}

function notFound({ nearest }, offers) {
  const card = element("section", { class: "not-found" },
    element("h3", { told: "notFound" }),
    element("p", { told: "notFoundMore" }),
    offers);
  if (nearest.length) {
    card.append(element("details", { class: "nearest" },
      element("summary", { told: "nearest", values: { count: nearest.length } }), ...quoteCards(nearest)));
  }
  return card;
}

/** Quotes of one passage share a card, where the best of them stands. */
function quoteCards(quotes) {
  const passages = Map.groupBy(quotes, ({ source, location }) => `${source.id} ${location.raw_start}`);
  const shown = [...passages.values()].flatMap((group) => {
    const card = quoteCard(group, () => openReader(shown, shown.findIndex((one) => one.card === card)));
    return group.map((quote) => ({ quote, card }));
  });
  return [...new Set(shown.map(({ card }) => card))];
}

function quoteCard(quotes, open) {
  const [best] = quotes;
  const spans = quotes.flatMap((quote) => quote.highlights.map((span) => ({ ...span, kind: quote === best ? "best" : "also" })));
  const card = element("article", { class: "quote", tabindex: "0" },
    element("blockquote", { lang: best.lang }, ...marked(best.text, spans, best.cites)),
    element("footer", {}, citation(quotes), references(quotes),
      element("div", { class: "actions" },
        element("button", { type: "button", class: "quiet", told: "open", on: { click: open } }),
        copyButton(quotes))));
  card.addEventListener("click", (event) => {
    const isReading = String(getSelection()) !== "";
    if (!isReading && !event.target.closest("button, summary, a")) open();
  });
  card.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== card) return;
    event.preventDefault();
    open();
  });
  return card;
}

function citation(quotes) {
  const { source, section, place } = quotes[0];
  const numbers = (spans) => [...new Set(spans.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)))].join(", ");
  const lines = numbers(quotes.map((quote) => quote.place.lines).sort(([one], [other]) => one - other));
  const told = place.label === String(place.page) ? "page" : "pageOfFile";
  const page = place.page && element("span", { told, values: { label: place.label, page: place.page } });
  return element("p", { class: "citation" },
    element("cite", { lang: place.lang, text: [source.title, ...section.path].join(" › ") }),
    ...[page, element("span", { told: "lines", values: { lines, count: lines.includes("–") ? 2 : 1 } })].filter(Boolean).flatMap((spot) => [" ", spot]));
}

function references(quotes) {
  const entries = [...new Map(quotes.flatMap((quote) => quote.references).map((entry) => [entry.marker, entry])).values()];
  if (!entries.length) return null;
  const shown = entries.map(marker).join(" ");
  if (!quotes[0].place.listed) {
    return element("p", { class: "references", told: "noReferences", values: { markers: shown } });
  }
  return element("details", { class: "references" },
    element("summary", {}, element("span", { told: "references" }), ` ${shown}`),
    element("dl", {}, ...entries.flatMap((entry) => [
      element("dt", { text: marker(entry) }),
      entry.text === null ? element("dd", { told: "referenceMissing" }) : element("dd", { text: entry.text, lang: entry.lang }),
    ])));
}

/** A marker by number, or by names and year as they stand, in brackets. */
function marker({ marker: cited }) {
  if (typeof cited === "number") return `[${cited}]`;
  return /[)）\]]$/.test(cited) ? cited : `(${cited})`;
}

function copyButton(quotes) {
  const button = element("button", { type: "button", class: "quiet", told: "copy" });
  button.addEventListener("click", async () => {
    const done = await copy(quotes.map((quote) => `${quote.highlight}\n${quote.citation}`).join("\n\n"));
    tell(button, done ? "copied" : "copyFailed");
    setTimeout(() => tell(button, "copy"), 1800);
  });
  return button;
}
