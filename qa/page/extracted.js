// The characters of the file itself, line by line, with the same words marked: proof, not comfort.

import { element, plainLine } from "./dom.js";

export async function showExtracted(body, extracted, review, marks, others) {
  body.replaceChildren(element("p", { class: "waiting", told: "reading" }));
  const found = (await extracted({ review, marks: [...marks, ...others] })) ?? { error: { told: "lost" } };
  if (found.error) {
    body.replaceChildren(plainLine(found.error));
    return;
  }
  const kinds = found.marks.map((_, at) => (at < marks.length ? "here" : "other"));
  const spans = [
    ...found.marks.map(([start, end], at) => ({ start, end, kind: kinds[at] })),
    ...found.aside.map(([start, end]) => ({ start, end, kind: "aside" })),
  ];
  body.replaceChildren(
    element("p", { class: "explained", told: "extractedMore" }),
    element("div", { class: "extracted", lang: found.lang }, ...lines(found, spans)));
  body.querySelector("mark.here")?.scrollIntoView({ block: "center" });
}

// What is set aside inside a quote's own span (a running header, a line break) is cut out of its mark.
function* runs(points, start, spans) {
  const edges = new Set([0, points.length]);
  for (const span of spans) for (const edge of [span.start, span.end]) edges.add(Math.min(Math.max(edge - start, 0), points.length));
  const sorted = [...edges].sort((one, other) => one - other);
  for (let at = 1; at < sorted.length; at += 1) {
    const [from, to] = [sorted[at - 1], sorted[at]];
    const over = spans.filter((span) => span.start - start <= from && span.end - start >= to).map(({ kind }) => kind);
    const kind = ["aside", "here", "other"].find((one) => over.includes(one));
    yield { text: points.slice(from, to).join(""), kind };
  }
}

function lines({ raw, start, line }, spans) {
  const found = [[]];
  for (const { text, kind } of runs([...raw], start, spans)) {
    text.split("\n").forEach((part, at) => {
      if (at) found.push([]);
      if (part === "") return;
      found.at(-1).push(kind === undefined ? part
        : kind === "aside" ? element("span", { class: "aside", text: part })
        : element("mark", { class: kind, text: part }));
    });
  }
  return found.map((parts, at) => element("p", { class: "raw-line", "data-line": line + at }, ...parts));
}
