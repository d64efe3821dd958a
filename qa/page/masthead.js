// The top of the page: name, state of the library, new conversation, language, appearance.

import { element } from "./dom.js";
import { onHealth, watchHealth } from "./health.js";
import {
  LANGUAGES, THEMES, currentLanguage, currentTheme, onLanguage, setLanguage, setTheme, startSettings, tell,
} from "./settings.js";
import { exportMenu } from "./exports.js";
import { openShelf } from "./shelf.js";
import { answers, newConversation } from "./thread.js";
import { forget } from "./memory.js";
import { meetVisitor } from "./visitor.js";

const STATUS = { loading: "statusLoading", ready: "statusReady", failed: "statusFailed", lost: "statusLost" };
const THEME_NAMES = { auto: "themeAuto", light: "themeLight", dark: "themeDark" };

export function mount({ element: place, trigger }) {
  startSettings();
  const leaving = element("form", { method: "post", action: "logout", hidden: "", on: { submit: forget } });
  meetVisitor().then((visitor) => {
    if (!visitor.session) return;
    leaving.append(element("button", { class: "quiet", id: "log-out", told: "logOut", values: { name: visitor.name } }));
    leaving.hidden = false;
  });
  place.replaceChildren(
    element("header", { class: "masthead" },
      element("h1", { class: "wordmark" },
        element("span", { class: "seal", "aria-hidden": "true", lang: "zh", text: "原" }),
        element("span", { told: "name" })),
      status(),
      element("div", { class: "controls" },
        element("button", { type: "button", class: "quiet", id: "open-shelf", told: "shelf", on: { click: openShelf } }),
        exportMenu("exportAll", answers),
        element("button", { type: "button", class: "quiet", id: "new-conversation", told: "newConversation", on: { click: newConversation } }),
        choice("language-choice", "language", Object.keys(LANGUAGES), currentLanguage(), setLanguage, (option, name) => {
          option.textContent = LANGUAGES[name];
          option.lang = name;
        }),
        choice("theme-choice", "theme", THEMES, currentTheme(), setTheme, (option, name) => tell(option, THEME_NAMES[name])),
        leaving)),
  );
  // Gradio's own parts (question box, send button) are told by the server which words to wear.
  onLanguage((language) => trigger("select", { language }));
  watchHealth();
}

function status() {
  const words = element("span");
  const detail = element("span", { class: "detail" });
  const node = element("p", { class: "status", role: "status" }, element("span", { class: "dot", "aria-hidden": "true" }), words, detail);
  onHealth((health) => {
    node.dataset.status = health.status;
    tell(words, STATUS[health.status]);
    detail.textContent = health.status === "loading" ? (health.detail ?? "") : "";
  });
  return node;
}

function choice(id, label, names, chosen, choose, word) {
  const options = names.map((name) => {
    const option = element("option", { value: name });
    word(option, name);
    option.selected = name === chosen;
    return option;
  });
  return element("select", { id, label, on: { change: (event) => choose(event.target.value) } }, ...options);
}
