// Asking for drafts: what kind, what it shall be about, how many.

import * as api from "../api.js";
import { fill, h, icon } from "../dom.js";
import { field, form, select, textarea } from "../field.js";
import { t, when } from "../i18n.js";
import { go, href } from "../router.js";
import { openDialog } from "./gm-dialog.js";
import { referencePicker } from "./gm-reference.js";

/** Kinds of proposals. "description" becomes a note. */
export const PROPOSED = ["location", "npc", "quest", "event", "description"];

/**
 * @param {any} campaign
 * @param {{kind?: string, brief?: string, about?: {id: string, name: string}}} [begin] `about`: an element the drafts shall change, or,
 *   where its kind cannot be drafted, draw on
 */
export function openGenerate(campaign, begin = {}) {
  const kind = begin.kind === "note" ? "description" : begin.kind;
  const target = begin.about && PROPOSED.includes(kind ?? "") ? begin.about : null;
  const brief = textarea({ rows: 4, maxlength: 4000, value: begin.brief, placeholder: t("generate.briefPlaceholder") });
  const ideas = h("div", { class: "chips" });
  const suggest = (now) =>
    fill(
      ideas,
      ["1", "2", "3"].map((n) =>
        h(
          "button",
          {
            class: "chip",
            type: "button",
            on: { click: () => ((brief.value = t(`generate.ideas.${now}.${n}`)), brief.focus()) },
          },
          t(`generate.ideas.${now}.${n}`),
        ),
      ),
    );
  const kinds = select(
    PROPOSED.map((one) => [one, t(`generate.kinds.${one}`)]),
    {
      value: PROPOSED.includes(kind ?? "") ? kind : "npc",
      disabled: Boolean(target),
      on: { change: () => suggest(kinds.value) },
    },
  );
  const drawOn = referencePicker({
    campaign: campaign.campaign_id,
    label: t("generate.drawOn"),
    kinds: [],
    many: true,
    value: begin.about && !target ? [begin.about.id] : [],
  });
  const progress = h("p", { class: "hint", role: "status" });
  suggest(kinds.value);
  const limited = h("p", { class: "note note--warn", hidden: true });
  const tell = ({ limit }) => {
    limited.hidden = !limit?.used_up;
    fill(limited, icon("alert"), limit && t("generate.limited", { when: when(limit.resets_at) }));
  };
  // Whether models may still be asked is worth knowing, and no reason to wait.
  api.get(`/api/campaigns/${encodeURIComponent(campaign.campaign_id)}/spending`).then(tell, () => {});
  const body = form({
    fields: {
      kind: field(t("generate.kind"), kinds),
      brief: field(t("generate.brief"), brief, { optional: true, hint: t("generate.briefHint") }),
      drafts: field(
        t("generate.drafts"),
        select(
          ["1", "2", "3", "4"].map((n) => [n, n]),
          { value: "2" },
        ),
      ),
      draw_on: field(t("generate.drawOn"), drawOn, { optional: true, hint: t("generate.drawOnHint") }),
    },
    lead: limited,
    tail: progress,
    submit: t("generate.submit"),
    icon: "spark",
    cancel: () => dialog.close(),
    send: async (values) => {
      progress.textContent = t("generate.working");
      try {
        const made = await api.post(`/api/generate/${values.kind}`, {
          campaign_id: campaign.campaign_id,
          brief: values.brief,
          drafts: Number(values.drafts),
          draw_on: drawOn.value,
          ...(target ? { target: target.id } : {}),
        });
        dialog.close();
        go(href("/c/:campaign/proposals/:proposal", { campaign: campaign.campaign_id, proposal: made.proposal_id }));
      } finally {
        progress.textContent = "";
      }
    },
  });
  body.querySelector(".field:nth-of-type(2)")?.append(ideas);
  const dialog = openDialog({
    title: target ? t("generate.change", { name: target.name }) : t("generate.title"),
    body: [h("p", { class: "lead lead--dialog" }, icon("spark"), t("generate.lead")), body],
    wide: false,
  });
  brief.focus();
}
