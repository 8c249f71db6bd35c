/** What changed between two JSON values, field by field. */

const plain = (value) => value !== null && typeof value === "object";

/** @returns {boolean} whether two JSON values say the same, whatever the order of their keys */
export function same(a, b) {
  if (a === b) return true;
  if (!plain(a) || !plain(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => name in b && same(a[name], b[name]));
}

/**
 * The changes, outermost first in the order of the fields. A field that exists on one side only is one change,
 * however much is in it. Lists are compared by index.
 * @param {unknown} before
 * @param {unknown} after
 * @returns {{path: string, kind: "added"|"removed"|"changed", before?: unknown, after?: unknown}[]}
 */
export function fields(before, after, path = "") {
  if (same(before, after)) return [];
  if (!plain(before) || !plain(after) || Array.isArray(before) !== Array.isArray(after)) {
    return [{ path, kind: "changed", before, after }];
  }
  const found = [];
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const inner = Array.isArray(after) ? `${path}[${name}]` : path ? `${path}.${name}` : name;
    if (!(name in before)) found.push({ path: inner, kind: "added", after: after[name] });
    else if (!(name in after)) found.push({ path: inner, kind: "removed", before: before[name] });
    else found.push(...fields(before[name], after[name], inner));
  }
  return found;
}
