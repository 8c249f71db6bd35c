// One message of a conversation: text, what it used, what it proposes, what it cost.

import * as api from "../api.js";
import { isMaster } from "../campaign.js";
import { fill, h, icon, safeHtml } from "../dom.js";
import { money, t, tOr, when } from "../i18n.js";
import { rememberReferences } from "../names.js";
import { go, href } from "../router.js";
import { may } from "../session.js";
import { schemaOf } from "../schemas.js";
import { draftCard, elementKind } from "./draft-card.js";
import { toast, toastProblem } from "./gm-toast.js";

/**
 * @param {any} one `{role: "user" | "assistant" | "dropped", text, html?, cites?, proposals?, route?, model?, cost?, tokens?, decision_id?, at?, pending?}`
 * @param {{campaign: any, retry: () => void, edit: (text: string) => void}} about
 */
export function message(one, { campaign, retry, edit }) {
  if (one.role === "dropped") return h("li", { class: "talk-item" }, h("p", { class: "faint" }, t("chat.stopped")));
  const mine = one.role === "user";
  const text = h("div", { class: mine ? "talk-text" : "talk-text prose" });
  if (one.html && !mine) safeHtml(text, one.html);
  else fill(text, one.text);
  return h(
    "li",
    { class: mine ? "talk-item talk-item--mine" : "talk-item", "aria-busy": one.pending ? "true" : null },
    h(
      "p",
      { class: "talk-who" },
      icon(mine ? "person" : "mark"),
      h("b", null, mine ? t("chat.you") : t("chat.assistant")),
      one.at && h("time", { class: "faint small", datetime: one.at }, when(one.at)),
    ),
    text,
    one.pending &&
      h(
        "span",
        { class: "skeleton talk-wait", "aria-label": t("chat.thinking") },
        h("span", { class: "skeleton-line", vars: { "--width": "45%" } }),
      ),
    one.problem && h("p", { class: "note note--warn" }, icon("alert"), isMaster(campaign) ? one.problem : t("chat.noModel")),
    !mine && cites(one.cites, campaign),
    (one.proposals ?? []).map((proposal) => reviewable(proposal, campaign)),
    !one.pending &&
      h(
        "p",
        { class: "talk-foot" },
        mine
          ? h(
              "button",
              { class: "button button--quiet button--small", type: "button", on: { click: () => edit(one.text) } },
              icon("edit"),
              t("chat.edit"),
            )
          : [
              price(one),
              h(
                "button",
                { class: "button button--quiet button--small", type: "button", on: { click: () => retry() } },
                icon("refresh"),
                t("chat.retry"),
              ),
            ],
      ),
  );
}

function price(one) {
  if (!one.route) return null;
  const tokens = (one.tokens?.prompt ?? 0) + (one.tokens?.answer ?? 0);
  return h(
    "span",
    { class: "cluster" },
    h(
      "span",
      { class: one.route === "model" ? "badge badge--accent" : "badge" },
      tOr(`routes.${one.route}`, one.route),
    ),
    one.model && h("span", { class: "faint small" }, one.model),
    h("span", { class: "faint small" }, one.cost ? money(one.cost) : t("routes.free")),
    tokens > 0 && h("span", { class: "faint small" }, t("routes.tokens", { n: tokens })),
    one.decision_id &&
      may(["operator"]) &&
      h("a", { class: "small", href: href("/decisions/:decision", { decision: one.decision_id }) }, t("chat.why")),
  );
}

/** What an answer used: elements are links, the rest says what it is. */
function cites(list, campaign) {
  if (!list?.length) return null;
  const link = (cite) => {
    if (cite.kind === "element")
      return href("/c/:campaign/e/:element", { campaign: campaign.campaign_id, element: cite.id });
    if (cite.kind === "character") return href("/c/:campaign/characters", { campaign: campaign.campaign_id });
    return null;
  };
  return h(
    "p",
    { class: "chips talk-cites" },
    h("span", { class: "faint small" }, t("chat.uses")),
    list.map((cite) =>
      h(
        link(cite) ? "a" : "span",
        { class: "chip", href: link(cite) },
        icon({ element: "link", refdata: "book", memory: "history", character: "shield" }[cite.kind] ?? "info"),
        cite.name,
      ),
    ),
  );
}

/** A proposal inside an answer, to accept where it stands. */
function reviewable(proposal, campaign) {
  const place = h("div", { class: "drafts" });
  rememberReferences(proposal.references);
  schemaOf(elementKind(proposal.kind))
    .then((schema) =>
      fill(
        place,
        (proposal.drafts ?? []).map((draft) =>
          draftCard({
            proposal,
            draft,
            schema,
            campaign,
            accept: async (choice) => {
              const answer = await api.post(
                `/api/proposals/${encodeURIComponent(proposal.proposal_id)}/accept`,
                choice,
              );
              toast(t("proposals.accepted"), {
                action: {
                  label: t("proposals.openElement"),
                  run: () =>
                    go(href("/c/:campaign/e/:element", { campaign: campaign.campaign_id, element: answer.element_id })),
                },
              });
              fill(
                place,
                h(
                  "p",
                  { class: "note note--good" },
                  icon("check"),
                  h(
                    "a",
                    {
                      href: href("/c/:campaign/e/:element", {
                        campaign: campaign.campaign_id,
                        element: answer.element_id,
                      }),
                    },
                    t("proposals.openElement"),
                  ),
                ),
              );
            },
          }),
        ),
      ),
    )
    .catch(toastProblem);
  return place;
}
