// The conversation: each question with its answer, appended as it comes and never sent again.

import { answerCard } from "./card.js";
import { element, languageOf, plainLine } from "./dom.js";
import { useExporter } from "./exports.js";
import { answerCame, awaitAnswer, currentHealth, onHealth } from "./health.js";
import { chosen, onLibrary, suggested } from "./library.js";
import { forget, remember, remembered } from "./memory.js";
import { say, tell } from "./settings.js";
import { closeReader } from "./reader.js";
import { closeShelf } from "./shelf.js";

const REMEMBERED = 20; // questions; a follow-up never reaches further back
const FIRST = 4; // questions offered before anything was asked
const NEXT = 3; // questions offered where there is no answer

const log = element("div", { class: "log", role: "log", "aria-live": "polite", label: "thread" });
const trouble = element("div"); // what keeps the library from opening
let turns = new Map(); // id -> { question, node, body, words, state, answer }
let post; // hands a turn to the server

export function mount({ element: place, props, server, trigger, watch }) {
  useExporter(server);
  place.replaceChildren(element("div", { class: "thread" }, welcome(), trouble, log));
  post = (turn) => {
    props.value = turn;
    trigger("submit");
  };
  watch("value", () => receive(props.value));
  onHealth(({ status, detail }) => {
    trouble.replaceChildren(...(status === "failed" ? [plainLine({ text: detail })] : []));
    for (const turn of pending()) {
      if (status === "lost") fail(turn, "lost");
      else tell(turn.words, waitingFor());
    }
  });
  log.addEventListener("keydown", moveBetweenCards);
  for (const { question, answer } of remembered()) settle(show(newId(), question), "answered", answer);
}

/** Put a question into the thread and hand it to the server. */
export function ask(question) {
  const history = answered().map((turn) => turn.question).slice(-REMEMBERED);
  closeShelf();
  const turn = show(newId(), question);
  turn.awaited = true;
  awaitAnswer();
  post({ id: turn.id, question, history, sources: chosen() });
  turn.node.scrollIntoView({ block: "start" });
}

/** Say in every turn that still waits that it will not be answered. */
export function failPending() {
  for (const turn of pending()) fail(turn, "failed");
}

/** Return the answers of this conversation, oldest first. */
export const answers = () => answered().map(({ answer }) => answer);

export function newConversation() {
  for (const turn of pending()) leave(turn, "dropped");
  turns = new Map();
  log.replaceChildren();
  forget();
  closeReader();
  closeShelf();
  document.body.classList.remove("asked-once");
  document.querySelector("#question textarea")?.focus();
}

const newId = () => `${Date.now()}-${turns.size}`;
const pending = () => [...turns.values()].filter(({ state }) => state === "pending");
const answered = () => [...turns.values()].filter(({ state }) => state === "answered");
const waitingFor = () => (currentHealth().status === "ready" ? "searching" : "waiting");

function show(id, question) {
  const words = tell(element("span"), waitingFor());
  const body = element("div", { class: "reply" },
    element("p", { class: "waiting" }, element("span", { class: "dots", "aria-hidden": "true" }, element("i"), element("i"), element("i")), words));
  const asked = question.trim();
  const node = element("section", { class: "turn", "aria-busy": "true" },
    asked ? element("h2", { class: "asked", lang: languageOf(asked), text: asked }) : null, body);
  const turn = { id, question, node, body, words, state: "pending" };
  turns.set(id, turn);
  log.append(node);
  document.body.classList.add("asked-once");
  return turn;
}

function receive(result) {
  const turn = turns.get(result?.id);
  if (!turn || !(result.answer || result.error)) return; // the question itself, or one of a conversation that was left
  if (result.error) {
    leave(turn, "failed");
    turn.body.replaceChildren(plainLine(result.error));
  } else {
    settle(turn, "answered", result.answer);
    remember(answered().map(({ question, answer }) => ({ question, answer })));
  }
  turn.node.scrollIntoView({ block: "start" });
}

function settle(turn, state, answer) {
  leave(turn, state);
  turn.answer = answer;
  turn.body.replaceChildren(...answerCard(answer, offered(NEXT, answer.nearest.map(({ place }) => place))));
}

function leave(turn, state) {
  if (turn.awaited) answerCame();
  turn.awaited = false;
  turn.state = state;
  turn.node.removeAttribute("aria-busy");
}

function fail(turn, key) {
  leave(turn, "failed");
  turn.body.replaceChildren(plainLine({ told: key }));
}

function welcome() {
  const chips = element("div", { class: "chips" });
  const node = element("div", { class: "welcome" },
    element("p", { class: "tagline", told: "tagline" }),
    element("p", { class: "explained", told: "welcome" }),
    element("p", { class: "label", told: "tryOne" }), chips);
  onLibrary(() => {
    const questions = offered(FIRST);
    chips.replaceChildren(...questions);
    node.classList.toggle("bare", questions.length === 0);
  });
  return node;
}

function offered(count, near = []) {
  return suggested(count, near).map(({ heading, lang }) => {
    const values = { heading: { text: heading, lang } };
    return element("button", {
      type: "button", class: "chip", told: "suggest", values, on: { click: () => ask(say("suggest", values)) },
    });
  });
}

function moveBetweenCards(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !event.target.matches("article.quote")) return;
  const cards = [...log.querySelectorAll("article.quote")].filter((card) => card.checkVisibility());
  const next = cards[cards.indexOf(event.target) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
