// Building the page. Text of documents and questions is only ever set as text, never as markup.

import { tell } from "./settings.js";

/** Make an element; `told` names an interface string, `label` one for `aria-label`. */
export function element(tag, { told, values, label, text, on = {}, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  if (text !== undefined) node.textContent = text;
  if (told) tell(node, told, values);
  if (label) tell(node, label, values, "aria-label");
  for (const [event, listener] of Object.entries(on)) node.addEventListener(event, listener);
  node.append(...children.filter((child) => child !== null));
  return node;
}

/**
 * Return the text as nodes: each span `{ start, end, kind }` of code points in a `<mark>`, and a
 * node made by `cite(text, entries)` of each `[start, end, entries, raised]` of `cites`.
 */
export function marked(text, spans, cites = [], cite = null) {
  const points = [...text]; // Python counts code points, JavaScript UTF-16 units
  const inner = (from, to) => inked(points, from, to, cites, cite);
  const nodes = [];
  let at = 0;
  for (const { start, end, kind } of [...spans].sort((one, other) => one.start - other.start)) {
    const [from, to] = [Math.max(start, at), Math.min(end, points.length)];
    if (to <= from) continue;
    nodes.push(...inner(at, from), element("mark", { class: kind }, ...inner(from, to)));
    at = to;
  }
  return [...nodes, ...inner(at, points.length)];
}

// A marker such as [13] begins no line: it is held to the character before it.
function inked(points, from, to, cites, cite) {
  const nodes = [];
  const plain = (start, end) => points.slice(start, end).join("");
  let at = from;
  for (const [start, end, entries, raised] of cites) {
    if (start < at || end > to) continue;
    const held = start > at ? start - 1 : start;
    const marker = plain(start, end);
    const shown = cite?.(marker, entries) ?? marker;
    nodes.push(plain(at, held),
      element("span", { class: "held" }, plain(held, start), raised ? element("sup", {}, shown) : shown));
    at = end;
  }
  nodes.push(plain(at, to));
  return nodes.filter((node) => node !== "");
}

/** Tell whether a text is Chinese or English, for its `lang`. */
export const languageOf = (text) => (/\p{Script=Han}/u.test(text) ? "zh" : "en");

/** A message of the program, "中文 / English", as one string for each language. */
export function halves(text) {
  const parts = text.split(" / ");
  const cut = parts.findIndex((part, at) => at > 0 && /\p{Script=Han}/u.test(parts[at - 1]) && /^[\w`]/.test(part) && !/\p{Script=Han}/u.test(part.split(/[:;]/)[0]));
  if (cut < 1) return { zh: text, en: text };
  const [zh, en] = [parts.slice(0, cut).join(" / "), parts.slice(cut).join(" / ")];
  const about = zh.match(/^[^\p{Script=Han}]*?\S: (?=\p{Script=Han})/u)?.[0] ?? "";
  return { zh, en: about + en };
}

/** One line that says what went wrong: a string of the table, or a message of the program. */
export function plainLine({ told, text, values }) {
  return element("p", { class: "line", role: "alert", told: told ?? halves(text), values });
}

/** Put text on the clipboard; without a secure context, by way of a selected text area. */
export async function copy(text) {
  if (window.isSecureContext && navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyBySelection(text);
    }
  }
  return copyBySelection(text);
}

function copyBySelection(text) {
  const focused = document.activeElement;
  const area = element("textarea", { class: "offscreen", readonly: "", "aria-hidden": "true", tabindex: "-1" });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused?.focus();
  return done;
}
