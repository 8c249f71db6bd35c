// What stands where content is not: it loads, there is none yet, or it failed.

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { refusal } from "./refusals.js";

/** Grey lines in the shape of what comes. @param {number} [rows] */
export function skeleton(rows = 4) {
  return h(
    "div",
    { class: "skeleton", role: "status", "aria-label": t("states.loading") },
    Array.from({ length: rows }, (_, index) =>
      h("span", { class: "skeleton-line", vars: { "--width": `${[92, 78, 85, 64, 71][index % 5]}%` } }),
    ),
  );
}

/**
 * Nothing there yet: what would be here, and what to do next.
 *
 * @param {{icon?: string, title: string, text?: string, action?: Node | null | false}} about
 */
export function empty(about) {
  return h(
    "div",
    { class: "empty" },
    icon(about.icon ?? "leaf"),
    h("h2", { class: "empty-title" }, about.title),
    about.text && h("p", null, about.text),
    about.action,
  );
}

/** A failure in words: what happened and what helps. @param {any} error */
export function explain(error) {
  if (error?.status !== undefined) return refusal(error);
  return t("problems.unforeseen", { text: error?.message ?? String(error) });
}

/** A failure in place of content. @param {any} error @param {() => void} [again] */
export function failure(error, again) {
  if (!(error?.status >= 0)) console.error(error);
  return h(
    "div",
    { class: "note note--bad", role: "alert" },
    icon("alert"),
    h(
      "div",
      { class: "note-body" },
      h("p", null, explain(error)),
      again && h("button", { class: "button", type: "button", on: { click: again } }, t("states.again")),
    ),
  );
}

/** A remark beside content. @param {"info" | "good" | "warn" | "bad" | "secret"} tone @param {...any} children */
export function note(tone, ...children) {
  const pictures = { info: "info", good: "check", warn: "alert", bad: "alert", secret: "seal" };
  return h("div", { class: `note note--${tone}` }, icon(pictures[tone]), h("div", { class: "note-body" }, children));
}
