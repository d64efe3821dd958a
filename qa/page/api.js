// Describes the API from its own OpenAPI document.

const described = await (await fetch("openapi.json")).json();
const shapes = described.components.schemas;

function node(tag, text, ...children) {
  const made = document.createElement(tag);
  if (text !== null) made.textContent = text;
  made.append(...children);
  return made;
}

const named = (reference) => reference.split("/").at(-1);

function kind(schema) {
  if (schema.$ref) return named(schema.$ref);
  if (schema.anyOf) return schema.anyOf.map(kind).join(" | ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.type === "array") return `[${kind(schema.items ?? {})}]`;
  return schema.type ?? "any";
}

function route(path, method, { description, requestBody, responses }) {
  const parts = [node("h3", null, node("code", `${method.toUpperCase()} ${path}`)), node("p", description ?? "")];
  const body = requestBody?.content["application/json"].schema;
  if (body) {
    const question = shapes[named(body.$ref)].properties.question.examples[0];
    const sent = JSON.stringify({ question });
    parts.push(node("p", `Body: ${kind(body)}`),
      node("pre", `curl ${location.origin}${path} -H 'Content-Type: application/json' -d '${sent}'`));
  } else {
    parts.push(node("pre", `curl ${location.origin}${path}`));
  }
  parts.push(node("table", null, ...Object.entries(responses).map(([status, response]) => node("tr", null,
    node("td", null, node("code", status)), node("td", response.description),
    node("td", null, node("code", kind(response.content?.["application/json"]?.schema ?? {})))))));
  return node("section", null, ...parts);
}

function shape([name, { description, properties = {} }]) {
  return node("section", null, node("h3", null, node("code", name)), node("p", description ?? ""),
    node("table", null, ...Object.entries(properties).map(([field, schema]) => node("tr", null,
      node("td", null, node("code", field)), node("td", null, node("code", kind(schema))),
      node("td", schema.description ?? "")))));
}

document.getElementById("routes").append(...Object.entries(described.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, told]) => route(path, method, told))));
document.getElementById("shapes").append(...Object.entries(shapes).map(shape));
