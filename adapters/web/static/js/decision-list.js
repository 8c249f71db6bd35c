// The list of decisions that is open, kept so that one can go from one to the next without losing the filters.

import * as api from "./api.js";
import { CursorRows } from "./elements/table/pages.js";

export const FILTERS = [
  "agent",
  "purpose",
  "npc",
  "player",
  "request",
  "route",
  "provider",
  "model",
  "failed",
  "since",
  "until",
  "min_cost",
];
const FARTHEST = 20;

/** @type {{key: string, rows: CursorRows} | null} */
let kept = null;

/** The filters of an address. @param {URLSearchParams} query @returns {Record<string, string>} */
export const filtersOf = (query) =>
  Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? ""]).filter(([, value]) => value));

/** The rows that fit, fresh, or as they were loaded before. @param {Record<string, string>} filters @param {boolean} [fresh] */
export function decisions(filters, fresh = false) {
  const key = JSON.stringify(filters);
  if (fresh || kept?.key !== key) {
    const rows = new CursorRows(async (cursor, signal) => {
      const page = await api.get("/api/decisions", { signal, query: { ...filters, cursor, limit: 100 } });
      return { items: page.decisions, next: page.next };
    });
    kept = { key, rows };
  }
  return kept.rows;
}

/** The decisions before and after one in the list, `[newer, older]`, each null where there is none. */
export async function neighbours(filters, id) {
  const rows = decisions(filters);
  for (let page = 0; page < FARTHEST; page += 1) {
    const at = rows.find((row) => row.decision_id === id);
    if (at >= 0 && (at + 1 < rows.size || !rows.endless)) return [rows.row(at - 1) ?? null, rows.row(at + 1) ?? null];
    if (!rows.endless) break;
    await rows.more();
  }
  return [null, null];
}
