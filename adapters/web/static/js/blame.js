// Who set a field, when, and from what: a small line below it.

import { actorName } from "./activity.js";
import { h, icon } from "./dom.js";
import { ago, t, tOr, when } from "./i18n.js";
import { href } from "./router.js";
import { may } from "./session.js";

/**
 * @param {any} set `{position, at, actor, origin}`
 * @param {string} campaign
 */
export function blameLine(set, campaign) {
  const origin = set.origin ?? {};
  return h(
    "p",
    { class: "blame" },
    icon(origin.by === "proposal" ? "spark" : origin.undo_of ? "undo" : "edit"),
    h("span", null, actorName(set.actor)),
    h("time", { datetime: set.at, title: when(set.at) }, ago(set.at)),
    origin.by === "proposal" && origin.proposal_id
      ? h(
          "a",
          { href: href("/c/:campaign/proposals/:proposal", { campaign, proposal: origin.proposal_id }) },
          t("origins.proposal"),
        )
      : h("span", null, originText(origin)),
    set.position != null && positionLink(set.position),
  );
}

/** A place in the log; whoever may read the log can go there. @param {number} position */
export function positionLink(position) {
  const text = `@${position}`;
  return may(["operator"])
    ? h("a", { class: "mono", href: href("/event/:position", { position }) }, text)
    : h("span", { class: "mono" }, text);
}

/** What set something: by hand, from a proposal, by an import. @param {any} origin */
export function originText(origin) {
  if (!origin) return "";
  if (origin.undo_of) return t("origins.undo", { version: origin.undo_of });
  if (origin.revert_to) return t("origins.revert", { version: origin.revert_to });
  return tOr(`origins.${origin.by}`, origin.by ?? "");
}
