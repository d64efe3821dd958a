// Which reviews are asked, as check boxes, and the questions they suggest.

import { element } from "./dom.js";
import { onHealth } from "./health.js";
import { tell } from "./settings.js";

let reviews = [];
let suggestions = [];
const left = new Set(); // ids of the reviews that are not to be asked
const listeners = new Set();

/** Return the ids of the reviews to ask; null for all of them. */
export const chosen = () => (left.size ? reviews.map(({ id }) => id).filter((id) => !left.has(id)) : null);

/** Return what may be asked of the chosen reviews, those of the given sections first. */
export function suggested(count, near = []) {
  const isNear = ({ review, section }) => near.some((place) => place.review === review && place.section === section);
  const offered = suggestions.filter(({ review }) => !left.has(review));
  return [...offered.filter(isNear), ...offered.filter((one) => !isNear(one))].slice(0, count);
}

export function onLibrary(listener) {
  listeners.add(listener);
  listener();
}

export function mount({ element: place, server }) {
  onHealth(async ({ status }) => {
    if (status !== "ready") return;
    const shelf = await server.shelf({});
    if (!shelf) return; // the connection is gone again; it is told as it comes back
    ({ reviews, suggestions } = shelf);
    place.replaceChildren(picker());
    changed();
  });
}

function changed() {
  for (const listener of listeners) listener();
}

function picker() {
  const summary = element("summary");
  const boxes = reviews.map(box);
  const retell = () => {
    const count = reviews.length;
    const key = !count ? "libraryEmpty" : left.size === count ? "libraryNone" : left.size ? "librarySome" : "library";
    tell(summary, key, { count, chosen: count - left.size });
  };
  const choose = (ids) => {
    left.clear();
    for (const { id } of reviews) if (!ids.includes(id)) left.add(id);
    for (const input of boxes.map((row) => row.querySelector("input"))) input.checked = !left.has(input.value);
    retell();
    changed();
  };
  const list = element("fieldset", {}, element("legend", { told: "chooseReviews" }), ...boxes,
    element("div", { class: "actions" },
      element("button", { type: "button", class: "quiet", told: "all", on: { click: () => choose(reviews.map(({ id }) => id)) } }),
      element("button", { type: "button", class: "quiet", told: "none", on: { click: () => choose([]) } })));
  list.addEventListener("change", () =>
    choose(boxes.map((row) => row.querySelector("input")).filter((input) => input.checked).map((input) => input.value)));
  retell();
  return reviews.length
    ? element("details", { class: "picker" }, summary, list)
    : element("p", { class: "picker", told: "libraryEmpty" });
}

function box({ id, title, lang, passages }) {
  const input = element("input", { type: "checkbox", value: id });
  input.checked = !left.has(id);
  return element("label", {}, input,
    element("span", { lang, text: title }),
    element("small", { told: "passages", values: { count: passages } }));
}
