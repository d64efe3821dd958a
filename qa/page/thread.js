// The conversation: each question with its answer, appended as it comes and never sent again.

import { answerCard } from "./card.js";
import { element } from "./dom.js";
import { answerCame, awaitAnswer, currentHealth, onHealth } from "./health.js";
import { chosen, onLibrary, suggested } from "./library.js";
import { say, tell } from "./settings.js";
import { closeReader } from "./reader.js";

const REMEMBERED = 20; // questions; a follow-up never reaches further back
const FIRST = 4; // questions offered before anything was asked
const NEXT = 3; // questions offered where there is no answer

const log = element("div", { class: "log", role: "log", "aria-live": "polite", label: "thread" });
const trouble = element("div"); // what keeps the library from opening
let turns = new Map(); // id -> { question, node, body, words, state }
let post; // hands a turn to the server

export function mount({ element: place, props, trigger, watch }) {
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
}

/** Put a question into the thread and hand it to the server. */
export function ask(question) {
  const turn = {
    id: `${Date.now()}-${turns.size}`,
    question,
    history: [...turns.values()].filter(({ state }) => state === "answered").map((one) => one.question).slice(-REMEMBERED),
    sources: chosen(),
  };
  show(turn);
  post(turn);
}

/** Say in every turn that still waits that it will not be answered. */
export function failPending() {
  for (const turn of pending()) fail(turn, "failed");
}

export function newConversation() {
  for (const turn of pending()) settle(turn, "dropped");
  turns = new Map();
  log.replaceChildren();
  closeReader();
  document.body.classList.remove("asked-once");
  document.querySelector("#question textarea")?.focus();
}

const pending = () => [...turns.values()].filter(({ state }) => state === "pending");
const waitingFor = () => (currentHealth().status === "ready" ? "searching" : "waiting");

function show({ id, question }) {
  const words = tell(element("span"), waitingFor());
  const body = element("div", { class: "reply" },
    element("p", { class: "waiting" }, element("span", { class: "dots", "aria-hidden": "true" }, element("i"), element("i"), element("i")), words));
  const node = element("section", { class: "turn", "aria-busy": "true" },
    question.trim() ? element("h2", { class: "asked", text: question.trim() }) : null, body);
  turns.set(id, { question, node, body, words, state: "pending" });
  log.append(node);
  document.body.classList.add("asked-once");
  awaitAnswer();
  node.scrollIntoView({ block: "start" });
}

function receive(result) {
  const turn = turns.get(result?.id);
  if (!turn || !(result.answer || result.error)) return; // the question itself, or one of a conversation that was left
  if (result.error) {
    settle(turn, "failed");
    turn.body.replaceChildren(plainLine(result.error));
  } else {
    settle(turn, "answered");
    turn.body.replaceChildren(...answerCard(result.answer, offered(NEXT, result.answer.nearest.map(({ place }) => place))));
  }
  turn.node.scrollIntoView({ block: "start" });
}

function settle(turn, state) {
  if (turn.state === "pending") answerCame();
  turn.state = state;
  turn.node.removeAttribute("aria-busy");
}

function fail(turn, key) {
  settle(turn, "failed");
  turn.body.replaceChildren(element("p", { class: "line", role: "alert", told: key }));
}

// Messages of the program come as "中文 / English"; one that cannot be told apart is shown whole.
function plainLine({ told, text }) {
  if (told) return element("p", { class: "line", told });
  const [zh, en, more] = text.split(" / ");
  return element("p", { class: "line", told: en && !more ? { zh, en } : { zh: text, en: text } });
}

function welcome() {
  const chips = element("div", { class: "chips" });
  const node = element("div", { class: "welcome" },
    element("p", { class: "tagline", told: "tagline" }),
    element("p", { class: "explained", told: "welcome" }),
    element("p", { class: "label", told: "tryOne" }), chips);
  const renew = () => {
    const questions = offered(FIRST);
    chips.replaceChildren(...questions);
    node.classList.toggle("bare", questions.length === 0);
  };
  onLibrary(renew);
  return node;
}

function offered(count, near = []) {
  return suggested(count, near).map(({ heading }) =>
    element("button", {
      type: "button", class: "chip", told: "suggest", values: { heading },
      on: { click: () => ask(say("suggest", { heading })) },
    }));
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
