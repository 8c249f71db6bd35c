// One proposal: its drafts side by side, accepted whole, by field or edited.

import { actorName } from "../activity.js";
import * as api from "../api.js";
import { reload } from "../campaign.js";
import { h, icon } from "../dom.js";
import { costLine, draftCard, elementKind } from "../elements/draft-card.js";
import { openGenerate } from "../elements/generate-dialog.js";
import { openDialog } from "../elements/gm-dialog.js";
import { toast } from "../elements/gm-toast.js";
import { field, form, input } from "../field.js";
import { ago, t } from "../i18n.js";
import { learn, rememberReferences } from "../names.js";
import { go, href } from "../router.js";
import { schemaOf } from "../schemas.js";
import { mentioned } from "../values.js";
import { page } from "../view.js";

/** @param {import("../view.js").View} view */
export async function show(view) {
  const proposal = await api.get(`/api/proposals/${encodeURIComponent(view.params.proposal)}`, { signal: view.signal });
  const schema = await schemaOf(elementKind(proposal.kind));
  rememberReferences(proposal.references);
  await learn(references(schema, proposal), view.signal);
  const open = proposal.status === "open" || proposal.status === "rejected";
  const campaign = view.campaign;
  const name = proposal.drafts?.[0]?.fields?.name ?? t("proposals.nameless");
  view.title(name);
  view.render(
    page(
      {
        wide: true,
        over: [
          h("a", { href: href("/c/:campaign/proposals", { campaign: campaign.campaign_id }) }, t("proposals.title")),
          h("span", { class: "badge badge--accent" }, t(`generate.kinds.${proposal.kind}`)),
          h(
            "span",
            { class: proposal.status === "accepted" ? "badge badge--good" : "badge" },
            t(`proposals.status.${proposal.status}`),
          ),
        ],
        title: t("proposals.heading", { kind: t(`generate.kinds.${proposal.kind}`) }),
        lead: proposal.brief || t("proposals.noBrief"),
        actions: [
          h(
            "button",
            {
              class: "button",
              type: "button",
              on: { click: () => openGenerate(campaign, { kind: proposal.kind, brief: proposal.brief }) },
            },
            icon("refresh"),
            t("proposals.again"),
          ),
          proposal.status === "open" &&
            h(
              "button",
              { class: "button button--danger", type: "button", on: { click: () => reject(view, proposal) } },
              icon("close"),
              t("proposals.reject"),
            ),
          proposal.element_id &&
            h(
              "a",
              {
                class: "button button--primary",
                href: href("/c/:campaign/e/:element", { campaign: campaign.campaign_id, element: proposal.element_id }),
              },
              icon("arrow"),
              t("proposals.openElement"),
            ),
        ],
      },
      h(
        "p",
        { class: "faint small proposal-line" },
        actorName(proposal.by),
        " · ",
        ago(proposal.at),
        " · ",
        costLine(proposal),
        proposal.reason ? ` · ${t("proposals.reason")}: ${proposal.reason}` : "",
      ),
      h(
        "div",
        { class: "drafts" },
        (proposal.drafts ?? []).map((draft) =>
          draftCard({
            proposal,
            draft,
            schema,
            campaign,
            accept: open ? (choice) => accept(view, proposal, choice) : null,
          }),
        ),
      ),
      considered(proposal),
    ),
  );
}

/** The elements a proposal's drafts name, so that they show by name. */
export function references(schema, proposal) {
  const names = Object.keys(schema.properties).filter((name) => schema.properties[name]["x-reference"]);
  const texts = Object.keys(schema.properties).filter((name) => schema.properties[name]["x-widget"] === "markdown");
  return (proposal.drafts ?? []).flatMap((draft) => [
    ...names.flatMap((name) => [].concat(draft.fields?.[name] ?? []).map((one) => one?.to ?? one)),
    ...texts.flatMap((name) => mentioned(draft.fields?.[name] ?? "")),
  ]);
}

async function accept(view, proposal, choice) {
  const answer = await api.post(`/api/proposals/${encodeURIComponent(proposal.proposal_id)}/accept`, choice);
  toast(t("proposals.accepted"));
  reload(view.campaign.campaign_id).catch(() => {});
  go(href("/c/:campaign/e/:element", { campaign: view.campaign.campaign_id, element: answer.element_id }));
}

function reject(view, proposal) {
  const dialog = openDialog({
    title: t("proposals.reject"),
    body: form({
      fields: {
        reason: field(t("proposals.reason"), input({ maxlength: 500 }), {
          optional: true,
          hint: t("proposals.reasonHint"),
        }),
      },
      submit: t("proposals.reject"),
      cancel: () => dialog.close(),
      send: async (values) => {
        await api.post(`/api/proposals/${encodeURIComponent(proposal.proposal_id)}/reject`, values);
        dialog.close();
        toast(t("proposals.rejected"));
        go(href("/c/:campaign/proposals", { campaign: view.campaign.campaign_id }));
      },
    }),
  });
}

/** What the drafts were made from: it says why they know what they know. */
function considered(proposal) {
  const items = proposal.considered ?? [];
  if (!items.length) return null;
  return h(
    "details",
    { class: "panel considered" },
    h(
      "summary",
      null,
      t("proposals.considered", { n: items.length }),
      h("span", { class: "faint small" }, t("routes.tokens", { n: items.reduce((sum, one) => sum + one.tokens, 0) })),
    ),
    h(
      "ul",
      { class: "panel-body stack stack--tight" },
      items.map((one) =>
        h(
          "li",
          { class: "spread" },
          h("span", null, h("b", null, one.block), " ", one.note),
          h("span", { class: "faint small" }, t("routes.tokens", { n: one.tokens })),
        ),
      ),
    ),
    proposal.left_out?.length > 0 &&
      h("p", { class: "panel-body faint small" }, t("proposals.leftOut"), " ", proposal.left_out.join(", ")),
  );
}
