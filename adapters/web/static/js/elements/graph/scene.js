/** What of a graph is drawn and how large: the same for both painters. */

/** Shapes and colours of what is common; others take what is left, by their name. */
const KNOWN = {
  npc: ["circle", 1],
  player: ["square", 2],
  character: ["square", 2],
  location: ["hexagon", 3],
  faction: ["diamond", 4],
  quest: ["diamond", 5],
  event: ["triangle", 6],
  encounter: ["triangle", 7],
  note: ["square", 8],
};

const MOST_NAMES = 160;

/** @param {string} kind @returns {[string, number]} a shape and the number of a hue */
export function look(kind) {
  if (kind in KNOWN) return KNOWN[kind];
  let sum = 0;
  for (const letter of kind) sum = (sum * 31 + letter.codePointAt(0)) % 8;
  return ["circle", sum + 1];
}

/** The outline of a shape around the origin, as an SVG path. */
export function outline(shape, r) {
  if (shape === "square") return `M${-r} ${-r}H${r}V${r}H${-r}Z`;
  if (shape === "circle") return `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
  const corners = { diamond: 4, triangle: 3, hexagon: 6 }[shape];
  const turn = shape === "hexagon" ? 0 : -Math.PI / 2;
  const points = Array.from({ length: corners }, (_, i) => {
    const angle = turn + (i * 2 * Math.PI) / corners;
    return `${(Math.cos(angle) * r * 1.2).toFixed(1)} ${(Math.sin(angle) * r * 1.2).toFixed(1)}`;
  });
  return `M${points.join("L")}Z`;
}

/**
 * @param {{id: string, kind: string, label: string}[]} nodes
 * @param {{from: string, to: string, kind: string, label?: string, weight?: number}[]} edges
 * @param {{hidden: Set<string>, chosen: string | null, alone: boolean, places: Object<string, [number, number]>}} options
 *   `hidden`: kinds "node:…" and "edge:…" left out; `alone`: only the chosen node and its neighbours
 */
export function scene(nodes, edges, { hidden, chosen, alone, places }) {
  let seen = nodes.filter((node) => !hidden.has(`node:${node.kind}`) && places[node.id]);
  let ids = new Set(seen.map((node) => node.id));
  let lines = edges.filter(
    (edge) => ids.has(edge.from) && ids.has(edge.to) && edge.from !== edge.to && !hidden.has(`edge:${edge.kind}`),
  );
  const near = new Set(chosen === null ? [] : [chosen]);
  for (const edge of lines) {
    if (edge.from === chosen) near.add(edge.to);
    if (edge.to === chosen) near.add(edge.from);
  }
  if (alone && ids.has(chosen)) {
    seen = seen.filter((node) => near.has(node.id));
    ids = near;
    lines = lines.filter((edge) => ids.has(edge.from) && ids.has(edge.to));
  }
  const degree = new Map();
  for (const edge of lines) for (const end of [edge.from, edge.to]) degree.set(end, (degree.get(end) ?? 0) + 1);
  const lit = chosen !== null && ids.has(chosen);
  const drawn = seen.map((node) => {
    const [shape, hue] = look(node.kind);
    const ties = degree.get(node.id) ?? 0;
    const [x, y] = places[node.id];
    return {
      ...node,
      x,
      y,
      shape,
      hue,
      ties,
      r: 5 + Math.min(9, Math.sqrt(ties) * 1.8),
      dim: lit && !near.has(node.id),
      chosen: node.id === chosen,
    };
  });
  drawn.sort((a, b) => b.ties - a.ties || (a.id < b.id ? -1 : 1));
  const byId = new Map(drawn.map((node) => [node.id, node]));
  return { nodes: drawn, byId, edges: bent(lines, byId, lit ? chosen : null) };
}

/** Edges with their ends; several between the same two nodes bend, so that none lies on another. */
function bent(lines, byId, chosen) {
  const beside = new Map();
  return lines.map((edge) => {
    const pair = [edge.from, edge.to].sort().join("\n");
    const nth = beside.get(pair) ?? 0;
    beside.set(pair, nth + 1);
    const flip = edge.from < edge.to ? 1 : -1;
    const bend = nth === 0 ? 0 : (nth % 2 ? 1 : -1) * Math.ceil(nth / 2) * 26 * flip;
    const weight = edge.weight ?? 0.4;
    const sense = weight < -0.05 ? "bad" : weight > 0.05 && edge.signed ? "good" : "plain";
    const touches = edge.from === chosen || edge.to === chosen;
    return {
      ...edge,
      a: byId.get(edge.from),
      b: byId.get(edge.to),
      bend,
      sense,
      width: 0.8 + Math.min(1, Math.abs(weight)) * 2.4,
      dim: chosen !== null && !touches,
      lit: touches,
    };
  });
}

/** The middle point that makes a line bend. */
export function knee({ a, b, bend }) {
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  return [(a.x + b.x) / 2 - ((b.y - a.y) / length) * bend, (a.y + b.y) / 2 + ((b.x - a.x) / length) * bend];
}

/**
 * The nodes whose names fit at a scale without lying on each other, those with most ties first. Where a node is chosen, it
 * and its neighbours come first.
 *
 * @param {any[]} nodes @param {number} k @returns {Set<string>} their ids
 */
export function named(nodes, k) {
  const taken = [];
  const ids = new Set();
  const lit = nodes.some((node) => node.chosen);
  for (const node of lit ? nodes.filter((one) => !one.dim) : nodes) {
    const half = node.label.length * 3.1 + 4;
    const [x, y] = [node.x * k, (node.y + node.r) * k];
    const clash = taken.some((other) => Math.abs(other.x - x) < other.half + half && Math.abs(other.y - y) < 14);
    if (clash && !node.chosen) continue;
    taken.push({ x, y, half });
    ids.add(node.id);
    if (taken.length >= MOST_NAMES) break;
  }
  return ids;
}

/** The nearest node in a direction, for arrow keys. @param {[number, number]} way */
export function beyond(nodes, from, [dx, dy]) {
  let best = null;
  let least = Infinity;
  for (const node of nodes) {
    const x = node.x - from.x;
    const y = node.y - from.y;
    const along = x * dx + y * dy;
    const aside = Math.abs(x * dy - y * dx);
    if (node === from || along <= 0 || aside > along * 1.5) continue;
    const cost = along + aside * 2;
    if (cost < least) [best, least] = [node, cost];
  }
  return best;
}
