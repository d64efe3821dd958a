// The reader's own choices: interface language and appearance. Kept in this browser, nowhere else.

const response = await fetch(new URL("strings.json", import.meta.url));
export const STRINGS = await response.json();
export const LANGUAGES = { zh: "中文", en: "English" };
export const THEMES = ["auto", "light", "dark"];

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set();

let language = kept("language", Object.keys(LANGUAGES)) ?? languageOfBrowser();
let theme = kept("theme", THEMES) ?? "auto";

export const currentLanguage = () => language;
export const currentTheme = () => theme;

/**
 * Return an interface string in the current language, its {places} filled in.
 *
 * `key` names a string of the table, or is one string for each language: `{ zh, en }`. A value may
 * be words of a document: `{ text, lang }`. A string `one|many` has a form for a `count` of one.
 */
export function say(key, values = {}) {
  return pieces(key, values).map((piece) => piece.text ?? piece).join("");
}

function pieces(key, values) {
  if (typeof key === "object") return [key[language]];
  const forms = STRINGS[language][key].split("|");
  const form = values.count === 1 ? forms[0] : forms.at(-1);
  return form.split(/\{(\w+)\}/).map((piece, at) => (at % 2 ? values[piece] : piece));
}

/** Call `listener` whenever the language changes, and now. */
export function onLanguage(listener) {
  listeners.add(listener);
  listener(language);
}

export function setLanguage(chosen) {
  language = chosen;
  keep("language", chosen);
  applyLanguage();
}

export function setTheme(chosen) {
  theme = chosen;
  keep("theme", chosen);
  applyTheme();
}

/** Mark a node as holding an interface string, so that it follows the language. */
export function tell(node, key, values = {}, attribute = null) {
  node.told = [...(node.told ?? []).filter((one) => one.attribute !== attribute), { key, values, attribute }];
  node.dataset.told = "";
  speak(node);
  return node;
}

function speak(node) {
  for (const { key, values, attribute } of node.told) {
    if (attribute) node.setAttribute(attribute, say(key, values));
    else node.replaceChildren(...pieces(key, values).map(spoken).filter((piece) => piece !== ""));
  }
}

// Words of a document keep their own language inside a sentence of the interface.
function spoken(piece) {
  if (piece?.text === undefined) return String(piece);
  const node = document.createElement("span");
  node.lang = piece.lang;
  node.textContent = piece.text;
  return node;
}

function applyLanguage() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = `${say("name")} · ${say("tagline")}`;
  document.querySelectorAll("[data-told]").forEach(speak);
  for (const listener of listeners) listener(language);
}

function applyTheme() {
  const dark = theme === "dark" || (theme === "auto" && systemIsDark.matches);
  document.body.classList.toggle("dark", dark);
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
}

function languageOfBrowser() {
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

// A browser that keeps no storage still shows the page.
function kept(name, allowed) {
  try {
    const value = localStorage.getItem(`yuanwen.${name}`);
    return allowed.includes(value) ? value : null;
  } catch {
    return null;
  }
}

function keep(name, value) {
  try {
    localStorage.setItem(`yuanwen.${name}`, value);
  } catch {
    return;
  }
}

export function startSettings() {
  // Gradio follows the system by itself; this listener is added after its own and has the last word.
  systemIsDark.addEventListener("change", applyTheme);
  applyTheme();
  applyLanguage();
}
