// What the server says of itself: asked while the library opens and while an answer is awaited.

const EVERY = 700; // milliseconds
const listeners = new Set();
let health = { status: "loading" };
let awaited = 0;
let watching = false;

export const currentHealth = () => health;

/** Call `listener` with every change of the server's health, and now. */
export function onHealth(listener) {
  listeners.add(listener);
  listener(health);
}

/** Resolves once the library is open, or cannot be opened: then an answer says why. */
export function opened() {
  return new Promise((resolve) => {
    const look = ({ status }) => {
      if (status !== "ready" && status !== "failed") return;
      listeners.delete(look);
      resolve();
    };
    onHealth(look);
  });
}

export function awaitAnswer() {
  awaited += 1;
  watchHealth();
}

export function answerCame() {
  awaited -= 1;
}

export async function watchHealth() {
  if (watching) return;
  watching = true;
  do {
    await update();
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  } while (awaited > 0 || health.status === "loading" || health.status === "lost");
  watching = false;
}

async function update() {
  const before = JSON.stringify(health);
  health = await asked();
  if (JSON.stringify(health) !== before) for (const listener of listeners) listener(health);
}

async function asked() {
  try {
    const response = await fetch(new URL("api/health", document.baseURI), { cache: "no-store" });
    return response.ok ? await response.json() : { status: "lost" };
  } catch {
    return { status: "lost" };
  }
}
