// What happened in a campaign, as the steps of a time slider.

import * as api from "./api.js";
import { lastUpTo } from "./elements/chart/scale.js";
import { hueOf } from "./log.js";

const PAGES = 5;

/**
 * The newest changes of the open campaign, oldest first, with the ends of the strip.
 * @param {import("./view.js").View} view
 */
export async function campaignMarks(view) {
  const path = `/api/campaigns/${encodeURIComponent(view.params.campaign)}/changes`;
  const changes = [];
  let cursor = null;
  for (let page = 0; page < PAGES; page += 1) {
    const found = await api.get(path, { signal: view.signal, query: { cursor, limit: 200 } });
    changes.push(...found.items);
    cursor = found.next;
    if (!cursor) break;
  }
  changes.sort((a, b) => a.position - b.position);
  const marks = changes.map((change) => ({ position: change.position, at: change.at, hue: hueOf(change.what) }));
  const last = marks.at(-1)?.position ?? 1;
  return {
    first: marks[0]?.position ?? 1,
    // One step after the last change is the present.
    last: last + 1,
    marks,
    changes,
    timeOf: (position) => (position === null ? null : marks[lastUpTo(marks, position, (mark) => mark.position)]?.at),
  };
}
