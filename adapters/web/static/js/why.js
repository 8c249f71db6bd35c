// The tree behind an answer, as `/api/why` tells it.

import * as api from "./api.js";
import { h } from "./dom.js";
import "./elements/gm-tree.js";
import { number, t } from "./i18n.js";
import { positionLink } from "./log.js";
import { href } from "./router.js";

const OPEN_TO = 2;

/**
 * Why something came to be: causes, scores, memories and rules.
 *
 * @param {import("./view.js").View} view
 * @param {string | number} which a log position, a request or a decision
 */
export async function whyTree(view, which) {
  const found = await api.get(`/api/why/${encodeURIComponent(which)}`, { signal: view.signal });
  const tree = document.createElement("gm-tree");
  tree.data = { label: t("why.title"), roots: [leaf(found, 0)] };
  return tree;
}

function leaf(cause, depth) {
  const details = Object.entries(cause.detail ?? {});
  const scores = details.filter(([, value]) => typeof value === "number");
  const words = details.filter(([, value]) => typeof value !== "number");
  return {
    line: [h("span", null, cause.title), cause.position ? positionLink(cause.position) : null, cause.at ? null : ""].filter(Boolean),
    body: details.length
      ? [
          scores.length ? h("div", { class: "scores" }, scores.map(([name, value]) => score(name, value))) : null,
          words.map(([name, value]) => h("span", null, h("span", { class: "faint" }, `${name} `), typeof value === "string" ? value : JSON.stringify(value))),
        ].flat().filter(Boolean)
      : null,
    href: cause.position ? href("/event/:position", { position: cause.position }) : undefined,
    open: depth < OPEN_TO,
    here: depth === 0,
    children: (cause.because ?? []).map((one) => leaf(one, depth + 1)),
  };
}

/** A number between -1 and 1 as a bar, others as they are. */
function score(name, value) {
  const bar = Math.abs(value) <= 1 && h("span", { class: value < 0 ? "score-bar score-bar--bad" : "score-bar", vars: { "--share": Math.abs(value) }, "aria-hidden": "true" });
  return h("span", { class: "score" }, h("span", { class: "faint" }, name), bar, h("span", { class: "num" }, number(value, { maximumFractionDigits: 2 })));
}
