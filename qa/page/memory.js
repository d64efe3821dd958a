// The conversation, kept in this tab of this browser only, so that it outlives a reload or a restart.

const KEY = "yuanwen.conversation";
const OWNER = "yuanwen.visitor";
const MOST = 50; // turns

/** Forget what someone else asked in this tab. */
export function rememberFor(name) {
  try {
    if ((sessionStorage.getItem(OWNER) ?? name) !== name) forget();
    sessionStorage.setItem(OWNER, name);
  } catch {
    return; // no storage: nothing is remembered
  }
}

/** Return the turns that were answered, oldest first: `{ question, answer }`. */
export function remembered() {
  try {
    const turns = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(turns) ? turns.filter(({ answer }) => answer?.quotes && answer.nearest) : [];
  } catch {
    return []; // no storage, or what another version kept
  }
}

export function remember(turns) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(turns.slice(-MOST)));
  } catch {
    forget(); // no storage, or no room: better nothing than a conversation with holes
  }
}

export function forget() {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    return;
  }
}
