// Names of elements that were seen on the way, so that references show as names without asking again.

import * as api from "./api.js";

/** @typedef {{id: string, name: string, kind: string}} Named */

/** @type {Map<string, Named>} */
const known = new Map();
const MOST = 5000;

/** Keeps the names of elements in an answer. @param {any[]} items briefs, backlinks or references */
export function remember(items) {
  for (const one of items ?? []) {
    const id = one?.element_id ?? one?.id;
    if (!id || !one.name) continue;
    known.delete(id);
    known.set(id, { id, name: one.name, kind: one.kind });
    if (known.size > MOST) known.delete(known.keys().next().value ?? "");
  }
}

/** Keeps the names in `references` of an answer. @param {Record<string, {name: string, kind: string}> | undefined} references by id */
export const rememberReferences = (references) =>
  remember(Object.entries(references ?? {}).map(([id, one]) => ({ ...one, id })));

/** @param {string} id @returns {Named | undefined} */
export const named = (id) => known.get(id);

/** Elements of a campaign by the beginning of their name. @param {string} campaign @param {string} text @param {string[]} [kinds] none: any @param {AbortSignal} [signal] */
export async function search(campaign, text, kinds = [], signal) {
  const query = { q: text, limit: 8, kind: kinds.length === 1 ? kinds[0] : null };
  const { items } = await api.get(`/api/elements/${encodeURIComponent(campaign)}`, { query, signal });
  remember(items);
  return items
    .filter((one) => !kinds.length || kinds.includes(one.kind))
    .map((one) => ({ id: one.element_id, name: one.name, kind: one.kind, summary: one.summary }));
}

/** Learns the names of ids that are not known yet. @param {string[]} ids @param {AbortSignal} [signal] */
export async function learn(ids, signal) {
  const strangers = [...new Set(ids)].filter((id) => id && !known.has(id)).slice(0, 64);
  await Promise.all(
    strangers.map(async (id) => {
      try {
        const one = await api.get(`/api/element/${encodeURIComponent(id)}`, { signal });
        remember([{ element_id: id, kind: one.kind, name: one.name ?? one.fields?.name }]);
      } catch {
        // Removed, or not for this person's eyes: it keeps its id.
      }
    }),
  );
}
