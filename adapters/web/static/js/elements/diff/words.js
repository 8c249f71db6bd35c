/** What changed between two texts, word by word. */

/** Beyond so many steps two texts have little in common: one is shown as gone and the other as new. */
const FARTHEST = 1200;
/** So few letters in common between two changes only scatter them. */
const LITTLE = 3;

/** @param {string} text words, spaces and marks, which joined are the text again */
export const wordsOf = (text) => text.match(/\p{L}[\p{L}\p{M}\p{N}'’]*|\p{N}+|\s+|[^\p{L}\p{N}\s]/gu) ?? [];

/**
 * The shortest way from one text to the other (Myers 1986, greedy).
 * @param {string} before
 * @param {string} after
 * @returns {{kind: "same"|"gone"|"new", text: string}[]} in order; neighbours are of different kinds
 */
export function words(before, after) {
  const a = wordsOf(before);
  const b = wordsOf(after);
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const parts = [];
  const add = (kind, text) => {
    if (!text) return;
    if (parts.at(-1)?.kind === kind) parts.at(-1).text += text;
    else parts.push({ kind, text });
  };
  add("same", a.slice(0, head).join(""));
  for (const [kind, text] of way(a.slice(head, a.length - tail), b.slice(head, b.length - tail))) add(kind, text);
  add("same", tail ? a.slice(-tail).join("") : "");
  return readable(parts);
}

/** Two changes with next to nothing between them are one: what went, then what came. */
function readable(parts) {
  const found = [];
  let [gone, came] = ["", ""];
  const turn = () => {
    if (gone) found.push({ kind: "gone", text: gone });
    if (came) found.push({ kind: "new", text: came });
    [gone, came] = ["", ""];
  };
  parts.forEach(({ kind, text }, i) => {
    const between = i > 0 && i < parts.length - 1 && text.trim().length < LITTLE;
    if (kind === "gone" || (kind === "same" && between)) gone += text;
    if (kind === "new" || (kind === "same" && between)) came += text;
    if (kind !== "same" || between) return;
    turn();
    found.push({ kind, text });
  });
  turn();
  return found;
}

function way(a, b) {
  const trace = search(a, b);
  if (trace === null)
    return [
      ["gone", a.join("")],
      ["new", b.join("")],
    ];
  const found = [];
  let x = a.length;
  let y = b.length;
  for (let d = trace.length - 1; d >= 0; d -= 1) {
    const reach = trace[d];
    const k = x - y;
    const down = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
    const from = down ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0);
    const turn = d === 0 ? 0 : down ? from : from + 1;
    while (x > turn && y > turn - k) {
      found.push(["same", a[x - 1]]);
      x -= 1;
      y -= 1;
    }
    if (d === 0) break;
    if (down) found.push(["new", b[(y -= 1)]]);
    else found.push(["gone", a[(x -= 1)]]);
  }
  return found.reverse();
}

/** The farthest points by diagonal before each step, or null when it takes too many. */
function search(a, b) {
  const trace = [];
  let reach = new Map([[1, 0]]);
  for (let d = 0; d <= Math.min(a.length + b.length, FARTHEST); d += 1) {
    trace.push(new Map(reach));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
      let x = down ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      reach.set(k, x);
      if (x >= a.length && x - k >= b.length) return trace;
    }
  }
  return null;
}
