import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { fields } from "./diff/fields.js";
import { words } from "./diff/words.js";

const LONG = 4000;

/** A JSON value as short text. */
export function brief(value, longest = LONG) {
  const text =
    typeof value === "string" ? value : JSON.stringify(value, null, value && typeof value === "object" ? 1 : 0);
  return text === undefined ? "" : text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** Two texts beside each other, with what went marked in one and what came in the other. @returns {[HTMLElement[], HTMLElement[]]} */
export function sides(before, after) {
  const parts = words(before.slice(0, LONG), after.slice(0, LONG));
  const side = (left, tag) =>
    parts.filter((part) => part.kind !== left).map(({ kind, text }) => h(kind === "same" ? "span" : tag, null, text));
  return [side("new", "del"), side("gone", "ins")];
}

/** Two texts as one, with what went and what came marked. @returns {HTMLElement[]} */
export function marked(before, after) {
  return words(before.slice(0, LONG), after.slice(0, LONG)).map(({ kind, text }) =>
    h(kind === "same" ? "span" : kind === "gone" ? "del" : "ins", null, text),
  );
}

/**
 * What differs between two JSON values, one line a field; texts word by word.
 * Columns: field, before and after, or both in one where two texts have much in common.
 */
export class GmDiff extends HTMLElement {
  /**
   * @param {object} sides
   * @param {unknown} sides.before
   * @param {unknown} sides.after
   * @param {string} [sides.label] what is compared
   * @param {[string, string]} [sides.titles] of the two sides
   */
  set data({ before, after, label, titles }) {
    this.changes = fields(before, after);
    if (!this.changes.length) return void fill(this, h("p", { class: "faint" }, t("diff.same")));
    const [left, right] = titles ?? [t("diff.before"), t("diff.after")];
    fill(
      this,
      h(
        "table",
        { class: "sheet gd-table" },
        h("caption", { class: label ? "" : "visually-hidden" }, label ?? t("diff.caption")),
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            [t("diff.field"), left, right].map((title) => h("th", { scope: "col" }, title)),
          ),
        ),
        h("tbody", null, this.changes.map(line)),
      ),
    );
  }
}

function line({ path, kind, before, after }) {
  const head = h(
    "th",
    { scope: "row", class: `gd-path gd-sign gd-${kind}` },
    h("span", { class: "visually-hidden" }, `${t(`diff.${kind}`)} `),
    path || t("diff.whole"),
  );
  const texts = typeof before === "string" && typeof after === "string" && Math.min(before.length, after.length) > 12;
  if (texts) return h("tr", null, head, h("td", { colspan: 2, class: "gd-text" }, marked(before, after)));
  const side = (present, value, tag) =>
    h("td", { class: "gd-text" }, present ? h(tag, null, brief(value)) : h("span", { class: "faint" }, "–"));
  return h("tr", null, head, side(kind !== "added", before, "del"), side(kind !== "removed", after, "ins"));
}

customElements.define("gm-diff", GmDiff);
