import { fill, h, s } from "../../dom.js";
import { number } from "../../i18n.js";
import { kindName } from "./kinds.js";
import { look, outline } from "./scene.js";

/**
 * Shows which kinds of nodes and edges there are, as buttons that leave them out.
 *
 * @param {Element} place
 * @param {{kind: string}[]} nodes
 * @param {{kind: string}[]} edges
 * @param {Set<string>} hidden what is left out, "node:…" and "edge:…"; changed here
 * @param {() => void} changed
 */
export function legend(place, nodes, edges, hidden, changed) {
  const kinds = new Map();
  const add = (of, kind) => kinds.set(`${of}:${kind}`, [kind, (kinds.get(`${of}:${kind}`)?.[1] ?? 0) + 1]);
  for (const node of nodes) add("node", node.kind);
  for (const edge of edges) add("edge", edge.kind);
  for (const key of hidden) if (!kinds.has(key)) kinds.set(key, [key.slice(5), 0]);
  fill(
    place,
    [...kinds]
      .sort(([a], [b]) => b.slice(0, 4).localeCompare(a.slice(0, 4)) || a.localeCompare(b))
      .map(([key, [kind, count]]) => entry(key, kind, count, hidden, changed)),
  );
}

function entry(key, kind, count, hidden, changed) {
  const turn = (event) => {
    if (!hidden.delete(key)) hidden.add(key);
    event.currentTarget.setAttribute("aria-pressed", String(!hidden.has(key)));
    changed();
  };
  return h(
    "button",
    { type: "button", class: "gg-key", "aria-pressed": String(!hidden.has(key)), on: { click: turn } },
    key.startsWith("node:") ? shape(kind) : line(),
    kindName(kind),
    h("span", { class: "faint" }, number(count)),
  );
}

function shape(kind) {
  const [form, hue] = look(kind);
  return s(
    "svg",
    { class: `gg-sample hue-${hue}`, viewBox: "-9 -9 18 18", "aria-hidden": "true" },
    s("path", { class: "gg-shape", d: outline(form, 6) }),
  );
}

const line = () =>
  s(
    "svg",
    { class: "gg-sample", viewBox: "-9 -9 18 18", "aria-hidden": "true" },
    s("path", { class: "gg-edge gg-plain", d: "M-8 5L8 -5", "stroke-width": 2 }),
  );
