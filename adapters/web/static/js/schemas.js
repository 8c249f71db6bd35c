// The JSON Schemas of element kinds in the reader's language, read once.

import * as api from "./api.js";
import { current } from "./i18n.js";

/** Kinds of elements in the order they are offered. */
export const KINDS = ["location", "npc", "quest", "event", "note", "encounter"];

/** @type {Map<string, Promise<any>>} */
const read = new Map();

/** The schema of a kind (or of "character"). @param {string} kind @returns {Promise<any>} */
export function schemaOf(kind) {
  const key = `${kind}/${current()}`;
  if (!read.has(key)) {
    const asked = api.get(`/api/schemas/${encodeURIComponent(kind)}`, { query: { lang: current() } });
    asked.catch(() => read.delete(key));
    read.set(key, asked);
  }
  return /** @type {Promise<any>} */ (read.get(key));
}
