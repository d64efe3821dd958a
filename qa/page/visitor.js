// Who looks at the page: whether he may change the library, and whether he still may ask.

let visitor = { name: "", admin: false, session: false, wait: 0 };
let met = null;

/** Return who this is, as the server knows him. */
export const meetVisitor = () => (met ??= ask());

export const isAdmin = () => visitor.admin;

/** Say why a question brought no answer back. */
export async function whyNot() {
  const { wait } = await ask();
  return wait ? { told: "tooFast", values: { seconds: wait } } : { told: "failed" };
}

/** Change the library: `what` is "remove" or "describe". */
export async function change(what, asked) {
  try {
    const response = await fetch(new URL(`library/${what}`, document.baseURI), {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked),
    });
    const { error, ...done } = await response.json();
    if (response.status === 401) await ask();
    return error ? { error: typeof error === "string" ? { text: error } : error } : done;
  } catch {
    return { error: { told: "lost" } };
  }
}

async function ask() {
  try {
    const response = await fetch(new URL("visitor", document.baseURI), { cache: "no-store" });
    if (response.status === 401) location.reload(); // which leads to the login page
    if (response.ok) visitor = await response.json();
  } catch {
    return visitor; // no connection: the masthead tells it
  }
  return visitor;
}
