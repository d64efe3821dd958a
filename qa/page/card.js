// One answer: its quotes as cards, or that the reviews do not say.

import { copy, element, marked } from "./dom.js";
import { openReader } from "./reader.js";
import { tell } from "./settings.js";

const SUREST = 0.85; // from here on, a wrong first quote is rare
const SURE = 0.65;

/** Return the nodes of an answer; `offers` are questions to go on with where it is none. */
export function answerCard(answer, offers) {
  const understood = answer.read_as === answer.question ? [] : [readAs(answer.read_as)];
  return answer.status === "answered"
    ? [...understood, verdict(answer), ...answer.quotes.map(quoteCard)]
    : [...understood, notFound(answer, offers)];
}

function readAs(text) {
  return element("p", { class: "read-as" }, element("span", { told: "readAs" }), element("q", { text }));
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
    element("p", { told: "notFoundMore" }));
  if (offers.length) {
    card.append(element("p", { class: "label", told: "tryThese" }), element("div", { class: "chips" }, ...offers));
  }
  if (nearest.length) {
    card.append(element("details", { class: "nearest" },
      element("summary", { told: "nearest", values: { count: nearest.length } }), ...nearest.map(quoteCard)));
  }
  return card;
}

function quoteCard(quote) {
  const card = element("article", { class: "quote", tabindex: "0" },
    element("blockquote", { lang: quote.lang }, ...marked(quote.text, quote.highlights)),
    element("footer", {}, citation(quote), references(quote),
      element("div", { class: "actions" },
        element("button", { type: "button", class: "quiet", told: "open", on: { click: () => openReader(quote, card) } }),
        copyButton(quote))));
  card.addEventListener("click", (event) => {
    const isReading = String(getSelection()) !== "";
    if (!isReading && !event.target.closest("button, summary, a")) openReader(quote, card);
  });
  card.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== card) return;
    event.preventDefault();
    openReader(quote, card);
  });
  return card;
}

function citation({ source, section, place, location }) {
  const where = element("cite", { lang: place.lang, text: [source.title, ...section.path].join(" › ") });
  const spots = [];
  if (location.page) spots.push(element("span", { told: "page", values: { page: location.page } }));
  const [first, last] = place.lines;
  spots.push(element("span", { told: first === last ? "line" : "lines", values: { first, last } }));
  return element("p", { class: "citation" }, where, ...spots.flatMap((spot) => [" ", spot]));
}

function references({ markers, references: entries, place }) {
  if (!markers.length) return null;
  if (!place.listed) {
    const shown = markers.map((marker) => `[${marker}]`).join(" ");
    return element("p", { class: "references", told: "noReferences", values: { markers: shown } });
  }
  return element("details", { class: "references" },
    element("summary", {}, element("span", { told: "references" }), ` ${markers.map((marker) => `[${marker}]`).join(" ")}`),
    element("dl", {}, ...entries.flatMap(({ marker, text }) => [
      element("dt", { text: `[${marker}]` }),
      text === null ? element("dd", { told: "referenceMissing" }) : element("dd", { text }),
    ])));
}

function copyButton(quote) {
  const button = element("button", { type: "button", class: "quiet", told: "copy" });
  button.addEventListener("click", async () => {
    const done = await copy(`${quote.highlight}\n${quote.citation}`);
    tell(button, done ? "copied" : "copyFailed");
    setTimeout(() => tell(button, "copy"), 1800);
  });
  return button;
}
