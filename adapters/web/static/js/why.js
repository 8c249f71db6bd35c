// The tree behind an answer, as `/api/why` tells it.

import * as api from "./api.js";
import { h } from "./dom.js";
import "./elements/gm-tree.js";
import { number, t } from "./i18n.js";
import { decisionLink, positionLink } from "./log.js";
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
  // Shares have digits after the point; what counts something (attempts, codes) is told in words.
  const shares = details.some(([, value]) => typeof value === "number" && !Number.isInteger(value));
  const scores = details.filter(([, value]) => shares && typeof value === "number");
  const words = details.filter(([, value]) => !shares || typeof value !== "number");
  const decision = /\bdec_[0-9a-f]{32}\b/.exec(cause.title)?.[0];
  return {
    line: [
      h("span", null, decision ? cause.title.replace(/: lorestream llm show .*/, "") : cause.title),
      cause.position && positionLink(cause.position),
      decision && decisionLink(decision, t("why.decision")),
    ].filter(Boolean),
    body: details.length
      ? [
          scores.length
            ? h(
                "div",
                { class: "scores" },
                scores.map(([name, value]) => score(name, value)),
              )
            : null,
          words.map(([name, value]) => h("span", null, h("span", { class: "faint" }, `${name} `), told(value))),
        ]
          .flat()
          .filter(Boolean)
      : null,
    href: cause.position ? href("/event/:position", { position: cause.position }) : undefined,
    open: depth < OPEN_TO,
    here: depth === 0,
    children: (cause.because ?? []).map((one) => leaf(one, depth + 1)),
  };
}

/** A value in words; hashes are cut short. */
const told = (value) =>
  typeof value === "string"
    ? /^[0-9a-f]{40,}$/.test(value)
      ? `${value.slice(0, 12)}…`
      : value
    : JSON.stringify(value);

/** A number between -1 and 1 as a bar, others as they are. */
function score(name, value) {
  const bar =
    Math.abs(value) <= 1 &&
    h("span", {
      class: value < 0 ? "score-bar score-bar--bad" : "score-bar",
      vars: { "--share": Math.abs(value) },
      "aria-hidden": "true",
    });
  return h(
    "span",
    { class: "score" },
    h("span", { class: "faint" }, name),
    bar,
    h("span", { class: "num" }, number(value, { maximumFractionDigits: 2 })),
  );
}
