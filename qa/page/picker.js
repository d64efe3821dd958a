// Which reviews are asked, as check boxes below the question.

import { element } from "./dom.js";
import { onHealth } from "./health.js";
import { allReviews, choose, isAsked, onLibrary, refresh, reviewCount, useServer } from "./library.js";
import { tell } from "./settings.js";

export function mount({ element: place, server }) {
  useServer(server);
  onHealth(async ({ status }) => {
    if (status === "ready") await refresh();
  });
  let shown = null;
  let retell;
  onLibrary(() => {
    if (shown !== allReviews()) {
      if (shown === null && !allReviews().length) return; // nothing is known yet
      const wasOpen = place.querySelector("details")?.open;
      shown = allReviews();
      const made = picker();
      retell = made.retell;
      if (wasOpen) made.node.open = true;
      place.replaceChildren(made.node);
    }
    retell?.();
  });
}

function picker() {
  const summary = element("summary");
  const boxes = allReviews().map(box);
  const inputs = boxes.map((row) => row.querySelector("input"));
  const button = (told, ids) =>
    element("button", { type: "button", class: "quiet", told, on: { click: () => choose(ids()) } });
  const list = element("fieldset", {}, element("legend", { told: "chooseReviews" }), ...boxes,
    element("div", { class: "actions" },
      button("all", () => allReviews().map(({ id }) => id)),
      button("none", () => [])));
  list.addEventListener("change", () => choose(inputs.filter((input) => input.checked).map((input) => input.value)));
  const retell = () => {
    for (const input of inputs) input.checked = isAsked(input.value);
    const count = reviewCount();
    const asked = inputs.filter((input) => input.checked).length;
    tell(summary, !count ? "libraryEmpty" : !asked ? "libraryNone" : asked < inputs.length ? "librarySome" : "library", { count, chosen: asked });
  };
  retell();
  return { node: element("details", { class: "picker" }, summary, list), retell };
}

function box({ id, title, language, passages }) {
  return element("label", {}, element("input", { type: "checkbox", value: id }),
    element("span", { lang: language, text: title }),
    element("small", { told: "passagesCount", values: { count: passages } }));
}
