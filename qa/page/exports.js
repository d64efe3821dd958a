// Quotes as a file for reference managers and notes; the server reads each again by its receipt.

import { element, plainLine } from "./dom.js";

const STYLES = {
  gbt7714: "GB/T 7714", apa: "APA", vancouver: "Vancouver", bibtex: "BibTeX", ris: "RIS", markdown: "Markdown",
};
const KEPT = 60_000; // milliseconds that a browser may take to fetch what it saves

let ask;

export function useExporter(server) {
  ask = server.export;
}

/** Return a menu that saves the quotes of the answers that `answers` returns. */
export function exportMenu(told, answers) {
  const trouble = element("div");
  const menu = element("details", { class: "export" }, element("summary", { told }));
  const save = async (style) => {
    const turns = answers().map(({ question, quotes }) => ({ question, quotes }));
    const file = (await ask({ style, turns })) ?? { error: { told: "lost" } };
    trouble.replaceChildren(...(file.error ? [plainLine(file.error)] : []));
    if (file.error) return;
    download(`yuanwen.${file.suffix}`, file.text);
    menu.open = false;
  };
  menu.append(
    element("div", { class: "menu" }, ...Object.entries(STYLES).map(([style, text]) =>
      element("button", { type: "button", class: "quiet", lang: "en", text, on: { click: () => save(style) } }))),
    trouble);
  return menu;
}

function download(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT);
}
