// What matters tonight: a few things, each with the reasons why.

import * as api from "../api.js";
import { h, icon } from "../dom.js";
import { current, t } from "../i18n.js";
import { href } from "../router.js";

/**
 * The list on a campaign's home; the server finds the reasons and words them.
 * @param {import("../view.js").View} view
 * @param {string} base the campaign's address in the API
 */
export async function tonight(view, base) {
  const { items } = await api.get(`${base}/tonight`, { signal: view.signal, query: { lang: current() } });
  if (!items.length) return h("p", { class: "faint" }, t("tonight.none"));
  return h(
    "ol",
    { class: "rows tonight", "data-arrows": true },
    items.map((one) => h("li", null, row(view.campaign.campaign_id, one))),
  );
}

function row(campaign, one) {
  const character = one.kind === "character";
  const address = character
    ? href("/c/:campaign/characters", { campaign })
    : one.element_id
      ? href("/c/:campaign/e/:element", { campaign, element: one.element_id })
      : href("/c/:campaign/proposals", { campaign });
  return h(
    "a",
    { class: "row", href: address },
    icon(character ? "shield" : one.element_id ? one.kind : "spark"),
    h(
      "span",
      { class: "grow" },
      h("span", { class: "row-title" }, one.name || t("proposals.title")),
      h("span", { class: "row-text" }, one.because.map((each) => each.text).join(" · ")),
    ),
    h(
      "span",
      { class: "badge" },
      character ? t("tonight.character") : t(one.element_id ? `kinds.${one.kind}` : "proposals.one"),
    ),
  );
}
