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
    icon(origin.by === "proposal" ? "spark" : origin.undo_of ? "undo" : origin.by === "fork" ? "copy" : "edit"),
    h("span", null, actorName(set.actor)),
    h("time", { datetime: set.at, title: when(set.at) }, ago(set.at)),
    originLink(origin, campaign, true),
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

/**
 * What set something, as a link to it where there is one: the proposal, or the original in the campaign this one is a copy of.
 * @param {any} origin
 * @param {string} campaign
 * @param {boolean} master whether the person may see proposals and originals
 */
export function originLink(origin, campaign, master) {
  const link = (address) => h("a", { href: address }, originText(origin));
  if (master && origin.proposal_id)
    return link(href("/c/:campaign/proposals/:proposal", { campaign, proposal: origin.proposal_id }));
  if (master && origin.by === "fork") {
    const there = { campaign: origin.campaign_id, element: origin.element_id };
    return link(href("/c/:campaign/e/:element", there, { at: origin.position }));
  }
  return h("span", null, originText(origin));
}

/** What set something: by hand, from a proposal, by an import. @param {any} origin */
export function originText(origin) {
  if (!origin) return "";
  if (origin.undo_of) return t("origins.undo", { version: origin.undo_of });
  if (origin.by === "fork") return t("origins.fork", { position: String(origin.position) });
  if (origin.revert_to) return t("origins.revert", { version: origin.revert_to });
  return tOr(`origins.${origin.by}`, origin.by ?? "");
}
