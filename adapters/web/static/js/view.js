// What a screen is given: its place on the page, its address, and how to say things.

import { fill, h } from "./dom.js";
import { failure, skeleton } from "./states.js";

/**
 * @typedef {object} View
 * @property {HTMLElement} main where the screen renders
 * @property {Record<string, string>} params of the address
 * @property {URLSearchParams} query of the address
 * @property {AbortSignal} signal aborted when the screen is left: give it to requests, listeners and subscriptions
 * @property {any} campaign the campaign, on addresses below "/c/:campaign" (see campaign.js), else null
 * @property {boolean} master whether the person may change the campaign
 * @property {(...children: any[]) => void} render replaces what the screen shows
 * @property {(text: string) => void} title names the page and the last crumb
 * @property {() => void} reload shows the screen again from the start
 * @property {(unsaved: (() => boolean) | null) => void} holds names what tells whether something would be lost by leaving
 */

/**
 * The frame most screens share: heading, a line below it, actions on the right, and the content.
 *
 * @param {{title: any, over?: any, lead?: any, actions?: any[], wide?: boolean}} head
 * @param {...any} children
 */
export function page(head, ...children) {
  return h(
    "div",
    { class: head.wide ? "page page--wide" : "page" },
    h(
      "header",
      { class: "page-head" },
      h(
        "div",
        { class: "page-title" },
        head.over && h("p", { class: "over" }, head.over),
        h("h1", null, head.title),
        head.lead && h("p", { class: "lead" }, head.lead),
      ),
      head.actions?.some(Boolean) && h("div", { class: "page-actions" }, head.actions),
    ),
    children,
  );
}

/**
 * A part of a page that fills itself: skeleton first, then what `load` returns, or its failure with a way to try again.
 *
 * @param {View} view
 * @param {() => Promise<any>} load
 * @param {number} [rows] of the skeleton
 */
export function region(view, load, rows = 3) {
  const place = h("div", { class: "region", "aria-busy": "true" });
  const again = async () => {
    fill(place, skeleton(rows));
    place.setAttribute("aria-busy", "true");
    try {
      fill(place, await load());
    } catch (error) {
      if (view.signal.aborted) return;
      fill(place, failure(error, again));
    }
    place.removeAttribute("aria-busy");
  };
  again();
  return Object.assign(place, { again });
}
