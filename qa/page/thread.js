// The conversation: each question with its answer, appended as it comes and never sent again.

import { answerCard } from "./card.js";
import { element, languageOf, plainLine } from "./dom.js";
import { useExporter } from "./exports.js";
import { answerCame, awaitAnswer, currentHealth, onHealth, opened } from "./health.js";
import { chosen, onLibrary, suggested } from "./library.js";
import { forget, remember, rememberFor, remembered } from "./memory.js";
import { say, tell } from "./settings.js";
import { closeReader } from "./reader.js";
import { closeShelf } from "./shelf.js";
import { meetVisitor, whyNot } from "./visitor.js";

const REMEMBERED = 20; // questions; a follow-up never reaches further back
const FIRST = 4; // questions offered before anything was asked
const NEXT = 3; // questions offered where there is no answer

const log = element("div", { class: "log", role: "log", "aria-live": "polite", label: "thread" });
const trouble = element("div"); // what keeps the library from opening
const session = Math.random().toString(36).slice(2); // this tab: tabs take turns
let turns = new Map(); // id -> { question, node, body, words, state, answer, stop }

export async function mount({ element: place, server: functions }) {
  rememberFor((await meetVisitor()).name);
  useExporter(functions);
  place.replaceChildren(element("div", { class: "thread" }, welcome(), trouble, log));
  onHealth(({ status, detail }) => {
    trouble.replaceChildren(...(status === "failed" ? [plainLine({ text: detail })] : []));
    for (const turn of pending()) {
      if (status === "lost") fail(turn, { told: "lost" });
      else tell(turn.words, waitingFor());
    }
  });
  log.addEventListener("keydown", moveBetweenCards);
  for (const { question, answer } of remembered()) settle(show(newId(), question), "answered", answer);
}

/** Put a question into the thread; it is sent once the library is open. */
export async function ask(question) {
  const asked = { question, history: answered().map((turn) => turn.question).slice(-REMEMBERED), sources: chosen(), session };
  closeShelf();
  const turn = show(newId(), question);
  turn.awaited = true;
  awaitAnswer();
  turn.node.scrollIntoView({ block: "start" });
  await opened();
  if (turn.state === "pending") receive(turn, await sent(asked, turn.stop.signal));
}

async function sent(asked, signal) {
  try {
    const response = await fetch(new URL("ask", document.baseURI), {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked), signal,
    });
    const { answer, error } = await response.json();
    if (answer) return { answer };
    if (response.status === 401 || response.status === 429) return { error: await whyNot(), busy: true };
    return { error: typeof error === "string" ? { text: error } : (error ?? { told: "failed" }), busy: response.status === 503 };
  } catch {
    return signal.aborted ? {} : { error: await whyNot() };
  }
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
  const stopped = () => fail(turn, { told: "stopped" }, true);
  const body = element("div", { class: "reply" },
    element("p", { class: "waiting" }, element("span", { class: "dots", "aria-hidden": "true" }, element("i"), element("i"), element("i")), words,
      element("button", { type: "button", class: "quiet", told: "stop", on: { click: stopped } })));
  const asked = question.trim();
  const node = element("section", { class: "turn", "aria-busy": "true" },
    asked ? element("h2", { class: "asked", lang: languageOf(asked), text: asked }) : null, body);
  const turn = { id, question, node, body, words, state: "pending", stop: new AbortController() };
  turns.set(id, turn);
  log.append(node);
  document.body.classList.add("asked-once");
  return turn;
}

function receive(turn, { answer, error, busy }) {
  if (turn.state !== "pending") return; // it was given up, or the conversation was left
  if (error) {
    fail(turn, error, busy);
  } else {
    settle(turn, "answered", answer);
    remember(answered().map((one) => ({ question: one.question, answer: one.answer })));
  }
  turn.node.scrollIntoView({ block: "start" });
}

function settle(turn, state, answer) {
  leave(turn, state);
  turn.answer = answer;
  turn.body.replaceChildren(...answerCard(answer, offers("tryThese", NEXT, answer.nearest.map(({ place }) => place))));
}

function leave(turn, state) {
  if (turn.awaited) answerCame();
  turn.awaited = false;
  turn.state = state;
  turn.stop.abort(); // what nobody waits for is not worked on
  turn.node.removeAttribute("aria-busy");
}

function fail(turn, error, again = false) {
  leave(turn, "failed");
  turn.body.replaceChildren(plainLine(error), ...(again ? [askAgain(turn)] : []));
}

function askAgain(turn) {
  const send = () => {
    turns.delete(turn.id);
    turn.node.remove();
    ask(turn.question);
  };
  return element("button", { type: "button", class: "quiet", told: "again", on: { click: send } });
}

function welcome() {
  return element("div", { class: "welcome" },
    element("p", { class: "tagline", told: "tagline" }),
    element("p", { class: "explained", told: "welcome" }),
    offers("tryOne", FIRST));
}

/** Questions that the library answers, as they become known; nothing while there are none. */
function offers(told, count, near = []) {
  const chips = element("div", { class: "chips" });
  const node = element("div", { class: "offers" }, element("p", { class: "label", told }), chips);
  onLibrary(() => {
    chips.replaceChildren(...suggested(count, near).map(chip));
    node.hidden = chips.childElementCount === 0;
  });
  return node;
}

function chip({ heading, lang }) {
  const values = { heading: { text: heading, lang } };
  const send = () => ask(say("suggest", values));
  return element("button", { type: "button", class: "chip", told: "suggest", values, on: { click: send } });
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
