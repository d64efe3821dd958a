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

/** Return the text as nodes, `[start, end)` code points of each span in a `<mark>`. */
export function marked(text, spans) {
  const points = [...text]; // Python counts code points, JavaScript UTF-16 units
  const nodes = [];
  let at = 0;
  for (const { start, end } of spans) {
    if (end <= at || start >= points.length) continue;
    const from = Math.max(start, at);
    nodes.push(...held(points.slice(at, from).join("")));
    const mark = element("mark");
    mark.append(...held(points.slice(from, end).join("")));
    nodes.push(mark);
    at = Math.min(end, points.length);
  }
  nodes.push(...held(points.slice(at).join("")));
  return nodes;
}

// A marker such as [13] begins no line: it is held to the character before it.
const MARKER = /[\p{L}\p{N}%)](?:\[\d[\d,\-–]{0,9}\]){1,2}/gu;

function held(text) {
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(MARKER)) {
    nodes.push(text.slice(at, match.index), element("span", { class: "held", text: match[0] }));
    at = match.index + match[0].length;
  }
  nodes.push(text.slice(at));
  return nodes.filter((node) => node !== "");
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
