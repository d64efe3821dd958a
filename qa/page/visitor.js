// Who looks at the page: whether he may change the library, and whether he still may ask.

let visitor = { name: "", admin: false, session: false, wait: 0 };

/** Ask the server who this is; where there is no login any more, leave for the login page. */
export async function meetVisitor() {
  try {
    const response = await fetch(new URL("visitor", document.baseURI), { cache: "no-store" });
    if (response.status === 401) location.reload();
    if (response.ok) visitor = await response.json();
  } catch {
    return visitor; // no connection: told by the masthead
  }
  return visitor;
}

export const isAdmin = () => visitor.admin;

/** Say what became of a question that brought no answer back. */
export async function whyNot() {
  const { wait } = await meetVisitor();
  return wait ? { told: "tooFast", values: { seconds: wait } } : { told: "failed" };
}

/** Change the library: `what` is the route, as in `library/remove`. */
export async function change(what, asked) {
  try {
    const response = await fetch(new URL(`library/${what}`, document.baseURI), {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked),
    });
    const { error, ...done } = await response.json();
    if (response.status === 401) await meetVisitor();
    return error ? { error: typeof error === "string" ? { text: error } : error } : done;
  } catch {
    return { error: { told: "lost" } };
  }
}
