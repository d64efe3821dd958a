// The library page: what is in it, adding files, removing reviews, what was set aside.

import { element, plainLine } from "./dom.js";
import { leaveLayer, openLayer } from "./layers.js";
import { allReviews, fileKinds, onLibrary, refresh, reviewCount } from "./library.js";
import { currentLanguage, onLanguage, tell } from "./settings.js";
import { send } from "./sending.js";
import { change, isAdmin, meetVisitor } from "./visitor.js";

const BEHIND = ["thread", "desk", "reader"];
const REASONS = { furniture: "asideFurniture", footnote: "asideFootnote", hidden: "asideHidden", foreign: "asideForeign", hyphen: "asideHyphen", markup: "asideMarkup" };

const FIELDS = {
  title: "fieldTitle", authors: "fieldAuthors", journal: "fieldJournal", year: "fieldYear",
  volume: "fieldVolume", issue: "fieldIssue", pages: "fieldPages", doi: "fieldDoi",
};

let page, heading, list, more, files, input, server;
let from = null; // what had the focus before
let shown = null; // the reviews as listed

export async function mount({ element: place, server: functions }) {
  server = functions;
  await meetVisitor();
  heading = element("h2", { tabindex: "-1", told: "shelf" });
  list = element("ul", { class: "reviews" });
  more = element("p", { class: "facts", hidden: "" });
  files = element("ul", { class: "files" });
  page = element("section", { class: "shelf", role: "region", label: "shelf", hidden: "" },
    element("div", { class: "shelf-head" }, heading,
      element("button", { type: "button", class: "quiet", id: "shelf-back", told: "backToQuestions", on: { click: closeShelf } })),
    isAdmin() ? dropZone() : null, element("div", { role: "status" }, files), list, more);
  place.replaceChildren(page);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !page.hidden) closeShelf();
  });
  onLibrary(retell);
  onLanguage(() => page.querySelectorAll("time").forEach(tellDate));
}

export function openShelf() {
  from = document.activeElement;
  openLayer(hide);
  page.hidden = false;
  document.body.classList.add("at-shelf");
  for (const id of BEHIND) document.getElementById(id)?.toggleAttribute("inert", true);
  heading.focus();
}

export function closeShelf() {
  leaveLayer(hide);
}

function hide() {
  page.hidden = true;
  document.body.classList.remove("at-shelf");
  for (const id of BEHIND) document.getElementById(id)?.toggleAttribute("inert", false);
  from?.focus();
}

function dropZone() {
  const words = element("span", { told: "dropHere" });
  const kinds = element("small");
  input = element("input", { type: "file", multiple: "", class: "unseen" });
  input.addEventListener("change", () => {
    addAll([...input.files]);
    input.value = "";
  });
  const zone = element("label", { class: "drop" }, input, words, kinds);
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    addAll([...event.dataTransfer.files]);
  });
  onLibrary(() => {
    input.accept = fileKinds().join(",");
    tell(kinds, "fileKinds", { kinds: fileKinds().join(" ") });
  });
  return zone;
}

/** Add files one after another; each says what became of it. */
async function addAll(chosen) {
  const rows = chosen.map(fileRow);
  files.replaceChildren(...rows.map(({ node }) => node));
  for (const { file, outcome, step } of rows) outcome(await send(file, step));
  await refresh();
}

function fileRow(file) {
  const words = element("span", { told: "fileWaiting" });
  const bar = element("progress", { label: "progressOf", values: { file: file.name }, max: "1", value: "0" });
  const node = element("li", {}, element("span", { class: "file-name", text: file.name }), bar, words);
  const step = ({ told, done, total }) => {
    bar.max = total;
    bar.value = done;
    tell(words, told, { percent: Math.floor((100 * done) / total) });
  };
  const outcome = ({ taken, error }) => {
    const each = taken ?? [{ error }];
    bar.remove();
    words.replaceWith(...each.map(became));
    node.dataset.outcome = each.some(({ added, held }) => added || held) ? "added" : "failed";
  };
  return { file, node, step, outcome };
}

/** What became of one file; an archive holds several. */
function became({ added, held, error }) {
  if (error) return plainLine(error);
  const { title, lang } = added ?? held;
  return element("p", { class: "became", told: added ? "fileAdded" : "fileHeld", values: { title: { text: title, lang } } });
}

function retell() {
  if (shown === allReviews()) return;
  shown = allReviews();
  list.replaceChildren(...allReviews().map(row));
  more.hidden = reviewCount() === allReviews().length;
  tell(more, "moreReviews", { count: reviewCount() - allReviews().length });
}

function row(review) {
  const { sections, passages, sentences, references } = review;
  const counts = Object.entries({
    "sectionsCount": sections, "passagesCount": passages, "sentencesCount": sentences, "referencesCount": references,
  }).map(([told, count]) => element("span", { told, values: { count } }));
  const node = element("li", { "data-review": review.id },
    element("h3", { lang: review.language, text: review.title }),
    element("p", { class: "facts" }, ...counts.flatMap((count) => [count, " · "]),
      element("span", { told: "addedOn" }), " ", tellDate(element("time", { datetime: review.added }))),
    element("p", { class: "facts" }, element("code", { text: review.file })),
    record(review), review.set_aside ? aside(review) : null);
  if (isAdmin()) node.append(removal(review, node));
  return node;
}

/** What is known of a review as a publication, to be put right by hand. */
function record({ id, title, language }) {
  const form = element("form", { class: "record" });
  const summary = element("summary", { told: "record" });
  const node = element("details", {}, summary, form);
  const trouble = element("div");
  node.addEventListener("toggle", async () => {
    if (!node.open || form.childElementCount) return;
    const found = (await server.record({ review: id })) ?? { error: { told: "lost" } };
    const fields = Object.entries(found.record ?? {}).map(([name, value]) =>
      element("label", {}, element("span", { told: FIELDS[name] }), element("input", { name, value, autocomplete: "off", readonly: isAdmin() ? null : "" })));
    form.append(...fields, trouble, ...(found.error ? [plainLine(found.error)] : !isAdmin() ? [] : [
      element("div", { class: "actions" }, element("button", { class: "quiet", told: "save", label: "saveRecord", values: { title: { text: title, lang: language } } }))]));
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const done = await change("describe", { review: id, told: Object.fromEntries(new FormData(form)) });
    if (done.error) {
      trouble.replaceChildren(plainLine(done.error));
      return;
    }
    await refresh();
    list.querySelector(`[data-review="${CSS.escape(id)}"] summary`)?.focus();
  });
  return node;
}

function tellDate(node) {
  node.textContent = new Date(node.dateTime).toLocaleDateString(currentLanguage(), { dateStyle: "medium" });
  return node;
}

function aside({ id, set_aside: count }) {
  const places = element("ol");
  const node = element("details", {}, element("summary", { told: "setAside", values: { count } }), places);
  node.addEventListener("toggle", async () => {
    if (!node.open || places.childElementCount) return;
    const found = (await server.aside({ review: id })) ?? { error: { told: "lost" } };
    if (found.error) places.replaceWith(plainLine(found.error));
    else places.append(...found.places.map(({ reason, line, before, text, after }) => element("li", {},
      element("span", { class: "why", told: REASONS[reason] }), " ",
      element("span", { told: "lines", values: { lines: line, count: 1 } }), " ",
      element("q", {}, before, element("del", { text }), after))));
  });
  return node;
}

/** Removing takes two presses: the second says what is lost. */
function removal({ id, title, language }, row) {
  const place = element("div", { class: "actions" });
  const button = (told, click, more = {}) => element("button", { type: "button", class: "quiet", told, on: { click }, ...more });
  const offer = () => place.replaceChildren(button("remove", ask, { class: "quiet danger" }));
  const ask = () => {
    const keep = button("keep", offer);
    place.replaceChildren(
      element("span", { role: "alert", told: "removeSure", values: { title: { text: title, lang: language } } }),
      button("removeNow", remove, { class: "quiet danger" }), keep);
    keep.focus();
  };
  const remove = async () => {
    const done = await change("remove", { review: id });
    if (done.error) {
      place.append(plainLine(done.error));
      return;
    }
    row.remove();
    heading.focus();
    await refresh();
  };
  offer();
  return place;
}
