// A timeline over a whole screen: what is shown follows the slider, and the address says where it stands.

import "./elements/gm-timeline.js";
import { t } from "./i18n.js";
import { clock, latest } from "./log.js";
import { setQuery } from "./router.js";
import { explain } from "./states.js";

/**
 * @param {import("./view.js").View} view
 * @param {object} about
 * @param {string} about.label what is looked at through time
 * @param {string} about.key under which bookmarks are kept
 * @param {{first: number, last: number, marks?: {position: number, hue?: number}[]}} about.range
 * @param {(position: number | null) => Promise<string | null | undefined>} about.draw shows a state (null: the present) and says what time
 *   it is from
 * @returns {Promise<HTMLElement>} once the first state is shown
 */
export async function timeSlider(view, { label, key, range, draw }) {
  const timeline = /** @type {any} */ (document.createElement("gm-timeline"));
  timeline.configure({ label, key });
  timeline.range = range;
  const given = Number(view.query.get("at"));
  if (given) timeline.position = given;
  const show = latest(async (position) => {
    try {
      const at = await draw(position);
      if (view.signal.aborted) return;
      timeline.moment = position === null ? t("timeline.present") : clock(at);
    } catch (error) {
      if (!view.signal.aborted) timeline.moment = explain(error);
    }
  });
  timeline.addEventListener("at", (event) => {
    setQuery({ at: event.detail.position });
    show(event.detail.position);
  });
  await show(timeline.position);
  return timeline;
}
