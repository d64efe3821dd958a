// What opens over the page, the reader and the library: the browser's Back closes the topmost.

const open = [];
let returning = 0; // entries left by our own doing, whose popstate says nothing new

export async function openLayer(close) {
  if (open.includes(close)) return;
  open.push(close);
  if (returning) await new Promise((resolve) => addEventListener("popstate", resolve, { once: true }));
  history.pushState({ layer: open.length }, "");
}

/** Close a layer by its own button or key: it also leaves its place in the browser's history. */
export function leaveLayer(close) {
  const at = open.indexOf(close);
  if (at < 0) return;
  open.splice(at, 1);
  returning += 1;
  history.back();
  close();
}

addEventListener("popstate", () => {
  if (returning) returning -= 1;
  else open.pop()?.();
});
