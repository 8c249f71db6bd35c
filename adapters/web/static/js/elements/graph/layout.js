/**
 * A force layout that always finds the same picture.
 *
 * Every node starts where a hash of its id puts it, so the result depends on the graph alone: no chance, no clock. Nodes
 * whose place is given stay there, which is how a graph keeps its shape while one travels through time. Repulsion acts
 * within a grid's neighbouring cells, so the work grows with the nodes and not with their square.
 */

const DISTANCE = 90;
const CELL = DISTANCE * 3;

/** FNV-1a, as a number from 0 up to 1. */
export function chance(text, salt = 0) {
  let hash = (0x811c9dc5 ^ salt) >>> 0;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

/**
 * @param {string[]} ids
 * @param {{from: string, to: string, weight?: number}[]} edges those with unknown ends are ignored
 * @param {Object<string, [number, number]>} fixed places that are kept
 * @returns {Object<string, [number, number]>} a place for every id, in pixels around the origin
 */
export function layout(ids, edges, fixed = {}) {
  const index = new Map(ids.map((id, i) => [id, i]));
  const x = new Float64Array(ids.length);
  const y = new Float64Array(ids.length);
  const held = ids.map((id) => id in fixed);
  const springs = springsOf(edges, index);
  start(ids, springs, fixed, x, y);
  if (held.includes(false)) {
    const steps = ids.length > 800 ? 120 : 260;
    for (let step = 0; step < steps; step += 1) relax(x, y, springs, held, DISTANCE * 0.35 * (1 - step / steps) ** 1.5);
  }
  return Object.fromEntries(ids.map((id, i) => [id, [Math.round(x[i] * 10) / 10, Math.round(y[i] * 10) / 10]]));
}

/** One spring for each pair, however many edges lie between them. */
function springsOf(edges, index) {
  const pairs = new Map();
  const degree = new Float64Array(index.size);
  for (const edge of edges) {
    const a = index.get(edge.from);
    const b = index.get(edge.to);
    if (a === undefined || b === undefined || a === b) continue;
    const pair = a < b ? a * index.size + b : b * index.size + a;
    if (!pairs.has(pair)) {
      degree[a] += 1;
      degree[b] += 1;
    }
    pairs.set(pair, Math.max(pairs.get(pair) ?? 0, Math.min(1, Math.abs(edge.weight ?? 0.5))));
  }
  return [...pairs].map(([pair, weight]) => {
    const a = Math.floor(pair / index.size);
    const b = pair % index.size;
    return { a, b, pull: (0.04 + 0.08 * weight) / Math.sqrt(Math.max(1, Math.min(degree[a], degree[b]))) };
  });
}

function start(ids, springs, fixed, x, y) {
  const radius = DISTANCE * 0.6 * Math.sqrt(ids.length);
  ids.forEach((id, i) => {
    const angle = chance(id) * 2 * Math.PI;
    const out = Math.sqrt(chance(id, 1)) * radius;
    [x[i], y[i]] = fixed[id] ?? [Math.cos(angle) * out, Math.sin(angle) * out];
  });
  // A newcomer begins beside somebody it is tied to who already has a place.
  for (const { a, b } of springs) {
    const [near, far] = ids[a] in fixed ? [a, b] : [b, a];
    if (!(ids[near] in fixed) || ids[far] in fixed) continue;
    const angle = chance(ids[far], 2) * 2 * Math.PI;
    x[far] = x[near] + Math.cos(angle) * DISTANCE;
    y[far] = y[near] + Math.sin(angle) * DISTANCE;
  }
}

function relax(x, y, springs, held, farthest) {
  const n = x.length;
  const fx = new Float64Array(n);
  const fy = new Float64Array(n);
  repel(x, y, fx, fy);
  for (const { a, b, pull } of springs) {
    const dx = x[b] - x[a];
    const dy = y[b] - y[a];
    const length = Math.hypot(dx, dy) || 1;
    const force = ((length - DISTANCE) * pull) / length;
    fx[a] += dx * force;
    fy[a] += dy * force;
    fx[b] -= dx * force;
    fy[b] -= dy * force;
  }
  for (let i = 0; i < n; i += 1) {
    if (held[i]) continue;
    // Pictures are wider than high: soft gravity pulls harder up and down.
    fx[i] -= x[i] * 0.007;
    fy[i] -= y[i] * 0.018;
    const size = Math.hypot(fx[i], fy[i]) || 1;
    const scale = Math.min(size, farthest) / size;
    x[i] += fx[i] * scale;
    y[i] += fy[i] * scale;
  }
}

function repel(x, y, fx, fy) {
  const cells = new Map();
  const key = (column, row) => column * 65536 + row;
  for (let i = 0; i < x.length; i += 1) {
    const at = key(Math.floor(x[i] / CELL) + 32768, Math.floor(y[i] / CELL) + 32768);
    const cell = cells.get(at);
    if (cell) cell.push(i);
    else cells.set(at, [i]);
  }
  for (const [at, inside] of cells) {
    for (const beside of [0, 1, 65535, 65536, 65537]) {
      const others = beside ? cells.get(at + beside) : inside;
      if (!others) continue;
      for (let p = 0; p < inside.length; p += 1) {
        for (let q = beside ? 0 : p + 1; q < others.length; q += 1) push(inside[p], others[q], x, y, fx, fy);
      }
    }
  }
}

function push(a, b, x, y, fx, fy) {
  let dx = x[b] - x[a];
  let dy = y[b] - y[a];
  if (dx === 0 && dy === 0) {
    dx = 0.1 + a / 1000;
    dy = 0.1;
  }
  const square = Math.max(dx * dx + dy * dy, 100);
  if (square > CELL * CELL) return;
  const force = (DISTANCE * DISTANCE * 0.6) / square / Math.sqrt(square);
  fx[a] -= dx * force * DISTANCE * 0.1;
  fy[a] -= dy * force * DISTANCE * 0.1;
  fx[b] += dx * force * DISTANCE * 0.1;
  fy[b] += dy * force * DISTANCE * 0.1;
}
