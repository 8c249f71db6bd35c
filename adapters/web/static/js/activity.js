// Lines of what happened in a campaign.

import { h, icon } from "./dom.js";
import { ago, t, tOr, when } from "./i18n.js";
import { href } from "./router.js";

const PICTURES = {
  created: "plus",
  changed: "edit",
  shown: "eye",
  removed: "trash",
  restored: "undo",
  undone: "undo",
  session_started: "play",
  session_ended: "stop",
  rolled: "dice",
  made: "spark",
  accepted: "check",
  rejected: "close",
};

/** Who did something, in words. @param {any} actor an account's name, or `{kind, id, name}` */
export const actorName = (actor) =>
  typeof actor === "string" ? actor : (actor?.display ?? actor?.name ?? actor?.details?.name ?? actor?.id ?? "?");

/**
 * One line: what, to which thing, by whom, when.
 *
 * @param {any} change `{position, at, actor, what, element_id?, kind?, name?, fields[]}`
 * @param {string} campaign
 * @param {(field: string, kind?: string) => string} [titleOf] a field's name
 */
export function activityLine(change, campaign, titleOf = (field) => field) {
  const verb =
    String(change.what ?? "")
      .split(".")
      .pop() ?? "";
  const thing = change.name ?? (change.kind ? tOr(`kinds.${change.kind}`, change.kind) : "");
  const fields = (change.fields ?? []).map((one) => titleOf(one, change.kind));
  return h(
    "li",
    { class: "activity" },
    icon(PICTURES[verb] ?? "leaf"),
    h(
      "div",
      { class: "grow" },
      h(
        "p",
        null,
        change.element_id
          ? h(
              "a",
              { class: "row-title", href: href("/c/:campaign/e/:element", { campaign, element: change.element_id }) },
              thing || t("forms.unknownElement"),
            )
          : thing && h("b", null, thing),
        thing && " ",
        h("span", null, tOr(`changes.${String(change.what).replace(/\./g, "_")}`, String(change.what))),
      ),
      fields.length > 0 && h("p", { class: "row-text" }, fields.join(" · ")),
    ),
    h(
      "span",
      { class: "activity-by" },
      actorName(change.actor),
      h("time", { datetime: change.at, title: when(change.at) }, ago(change.at)),
    ),
  );
}
