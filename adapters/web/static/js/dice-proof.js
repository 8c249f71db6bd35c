// Rolling a recorded roll again from its seed, in the browser: the same algorithm as commands/rules/dice.py.

const DOMAIN = "lorestream.dice.1";

/** Whether this page may compute SHA-256 (browsers allow it on localhost and over https). */
export const canProve = () => Boolean(globalThis.crypto?.subtle);

/**
 * The faces and the total that seed, expression and mode determine.
 *
 * @param {{expression: string, mode: string, seed: string}} roll with the canonical expression of the log
 * @returns {Promise<{faces: number[][], total: number}>}
 */
export async function rollAgain({ expression, mode, seed }) {
  const { terms, modifier } = parse(expression);
  if (mode !== "normal")
    for (const term of terms)
      if (term.sides === 20 && term.count === 1)
        Object.assign(term, { count: 2, kept: 1, keep: mode === "advantage" ? "h" : "l" });
  const draw = drawsOf(seed, spell(terms, modifier));
  const faces = [];
  for (const term of terms) {
    const fallen = [];
    for (let i = 0; i < term.count; i += 1) fallen.push(await face(draw, term.sides));
    faces.push(fallen);
  }
  const total = terms.reduce(
    (sum, term, index) => sum + term.sign * kept(term, faces[index]).reduce((a, b) => a + b, 0),
    modifier,
  );
  return { faces, total };
}

function parse(expression) {
  const terms = [];
  let modifier = 0;
  for (const [, sign, count, sides, keep, n, plain] of expression.matchAll(
    /([+-])?(?:(\d*)d(\d+)(?:k([hl])(\d+))?|(\d+))/g,
  )) {
    const direction = sign === "-" ? -1 : 1;
    if (plain) modifier += direction * Number(plain);
    else
      terms.push({
        sign: direction,
        count: Number(count || 1),
        sides: Number(sides),
        keep: keep ?? "",
        kept: Number(n ?? 0),
      });
  }
  return { terms, modifier };
}

function spell(terms, modifier) {
  let text = terms
    .map(
      (term) =>
        `${term.sign < 0 ? "-" : "+"}${term.count}d${term.sides}${term.keep ? `k${term.keep}${term.kept}` : ""}`,
    )
    .join("");
  if (modifier || !text) text += `${modifier < 0 ? "-" : "+"}${Math.abs(modifier)}`;
  return text.replace(/^\+/, "");
}

function kept(term, fallen) {
  if (!term.keep) return fallen;
  const sorted = [...fallen].sort((a, b) => (term.keep === "h" ? b - a : a - b));
  return sorted.slice(0, term.kept);
}

function drawsOf(seed, expression) {
  const prefix = new TextEncoder().encode(`${DOMAIN}\0${seed}\0${expression}\0`);
  let counter = 0n;
  let block = new DataView(new ArrayBuffer(0));
  let at = 0;
  return async () => {
    if (at >= block.byteLength) {
      const input = new Uint8Array(prefix.length + 8);
      input.set(prefix);
      new DataView(input.buffer).setBigUint64(prefix.length, counter);
      counter += 1n;
      block = new DataView(await crypto.subtle.digest("SHA-256", input));
      at = 0;
    }
    at += 8;
    return block.getBigUint64(at - 8);
  };
}

/** Draws beyond the last whole multiple of the sides would favour low faces, so they are skipped. */
async function face(draw, sides) {
  const whole = 2n ** 64n;
  const limit = whole - (whole % BigInt(sides));
  let drawn = await draw();
  while (drawn >= limit) drawn = await draw();
  return Number(drawn % BigInt(sides)) + 1;
}
