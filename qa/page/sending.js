// A file on its way into the library: how far it is, and what became of it.

/** Send a file; `step` is called with `{ told, done, total }`. Returns `{ taken }` or `{ error }`. */
export function send(file, step) {
  const request = new XMLHttpRequest(); // fetch does not tell how much was sent
  const address = new URL("library/add", document.baseURI);
  address.searchParams.set("name", file.name);
  return new Promise((resolve) => {
    request.upload.onprogress = ({ loaded, total }) => step({ told: "fileSending", done: loaded, total });
    request.onprogress = () => {
      const told = lastLine(request.responseText);
      if (told?.total) step({ told: "fileReading", ...told });
    };
    request.onload = () => resolve(outcome(request));
    request.onerror = () => resolve({ error: { told: "lost" } });
    request.open("POST", address);
    request.send(file);
  });
}

function outcome({ responseText }) {
  const told = lastLine(responseText);
  if (typeof told?.error === "string") return { error: { text: told.error } };
  return told?.taken || told?.error ? told : { error: { told: "failed" } };
}

function lastLine(text) {
  const line = text.slice(0, text.lastIndexOf("\n") + 1).trimEnd().split("\n").at(-1) || text;
  try {
    return JSON.parse(line);
  } catch {
    return null; // the rest of it is still to come, or an error page
  }
}
