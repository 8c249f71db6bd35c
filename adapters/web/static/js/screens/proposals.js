// What was proposed to a campaign, and what became of it.

import * as api from "../api.js";
import { fill, h, icon } from "../dom.js";
import { costLine } from "../elements/draft-card.js";
import { openGenerate } from "../elements/generate-dialog.js";
import { ago, money, t, when } from "../i18n.js";
import { go, href } from "../router.js";
import { empty } from "../states.js";
import { page, region } from "../view.js";
import { limitLine } from "./spending.js";

const STATES = ["open", "accepted", "rejected"];

/** @param {import("../view.js").View} view */
export function show(view) {
  const campaign = view.campaign.campaign_id;
  const status = STATES.includes(view.query.get("status") ?? "") ? view.query.get("status") : "open";
  const create = () =>
    h(
      "button",
      { class: "button button--primary", type: "button", on: { click: () => openGenerate(view.campaign) } },
      icon("spark"),
      t("generate.title"),
    );
  const spent = h("p", { class: "faint small proposal-line" });
  api.get(`/api/campaigns/${encodeURIComponent(campaign)}/spending`, { signal: view.signal }).then(
    (found) =>
      fill(
        spent,
        found.decisions
          ? t("proposals.spent", { cost: money(found.cost), n: found.decisions })
          : t("proposals.spentNothing"),
        " ",
        h("a", { href: href("/c/:campaign/spending", { campaign }) }, t("spending.open")),
        found.limit && [h("br"), h(found.limit.used_up ? "b" : "span", null, limitLine(found.limit))],
      ),
    () => spent.remove(),
  );
  view.render(
    page(
      { title: t("proposals.title"), lead: t("proposals.lead"), actions: [create()] },
      spent,
      h(
        "nav",
        { class: "tabs", "aria-label": t("proposals.byStatus") },
        STATES.map((one) =>
          h(
            "a",
            {
              class: "tab",
              href: href("/c/:campaign/proposals", { campaign }, { status: one }),
              "aria-current": one === status ? "page" : null,
            },
            t(`proposals.status.${one}`),
          ),
        ),
      ),
      region(view, async () => {
        const answer = await api.get(`/api/campaigns/${encodeURIComponent(campaign)}/proposals`, {
          signal: view.signal,
          query: { status, limit: 50, cursor: view.query.get("cursor") },
        });
        if (!answer.items.length)
          return empty({
            icon: "spark",
            title: t(`proposals.none.${status}`),
            text: status === "open" ? t("proposals.noneText") : "",
            action: status === "open" ? create() : null,
          });
        return [
          h(
            "div",
            { class: "rows", "data-arrows": true },
            answer.items.map((one) => row(campaign, one)),
          ),
          answer.next &&
            h(
              "button",
              {
                class: "button more",
                type: "button",
                on: { click: () => go(href("/c/:campaign/proposals", { campaign }, { status, cursor: answer.next })) },
              },
              t("elements.more"),
            ),
        ];
      }),
    ),
  );
}

function row(campaign, one) {
  const names = (one.drafts ?? []).map((draft) => draft.fields?.name).filter(Boolean);
  const problems = (one.drafts ?? [])
    .flatMap((draft) => draft.verdicts ?? [])
    .filter((verdict) => !verdict.ok && verdict.severity === "error").length;
  return h(
    "a",
    { class: "row", href: href("/c/:campaign/proposals/:proposal", { campaign, proposal: one.proposal_id }) },
    icon(one.kind === "description" ? "note" : one.kind),
    h(
      "span",
      { class: "grow" },
      h("span", { class: "row-title" }, names.join(" / ") || t("proposals.nameless")),
      h("span", { class: "row-text" }, one.brief || t("proposals.noBrief")),
    ),
    problems > 0 && h("span", { class: "badge badge--warn" }, icon("alert"), t("proposals.problems", { n: problems })),
    h("span", { class: "faint small wide-only" }, costLine(one)),
    h("time", { class: "faint small", datetime: one.at, title: when(one.at) }, ago(one.at)),
  );
}
