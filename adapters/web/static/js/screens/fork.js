// Forking a campaign as it was, and how far a copy is.

import * as api from "../api.js";
import { reload } from "../campaign.js";
import { fill, h, icon } from "../dom.js";
import { openDialog } from "../elements/gm-dialog.js";
import { meter } from "../elements/gm-meter.js";
import { field, form, input } from "../field.js";
import { t } from "../i18n.js";
import { go, href } from "../router.js";
import { user } from "../session.js";

const LOOK_AGAIN = 700;

/** Whether the person may fork this campaign. @param {any} campaign */
export const mayFork = (campaign) =>
  (campaign.my_role === "owner" || user.get()?.role === "admin") && !["forking", "failed"].includes(campaign.status);

/**
 * The button that asks for a name and begins the copy.
 * @param {any} campaign
 * @param {() => number | null} position the log position to begin from, null: as it is
 */
export function forkButton(campaign, position) {
  const open = () => {
    const at = position();
    // The same attempt is the same fork, however often it is sent.
    const key = api.fresh();
    const dialog = openDialog({
      title: t("fork.title"),
      body: form({
        fields: {
          name: field(
            t("campaigns.name"),
            input({ required: true, maxlength: 120, value: t("fork.named", { name: campaign.name.slice(0, 100) }) }),
          ),
        },
        lead: h("p", null, at === null ? t("fork.now") : t("fork.then", { position: String(at) })),
        tail: h("p", { class: "hint" }, t("fork.hint")),
        submit: t("fork.submit"),
        cancel: () => dialog.close(),
        send: async (values) => {
          const made = await api.post(
            `/api/campaigns/${encodeURIComponent(campaign.campaign_id)}/fork`,
            { name: values.name, ...(at === null ? {} : { at }) },
            { key },
          );
          dialog.close();
          go(href("/c/:campaign", { campaign: made.campaign_id }));
        },
      }),
    });
  };
  return h("button", { class: "button", type: "button", on: { click: open } }, icon("copy"), t("fork.here"));
}

/**
 * On the home of a copy: how far it is, or where it is from. Null for other campaigns.
 * @param {import("../view.js").View} view
 */
export function forkStrip(view) {
  const fork = view.campaign.forked_from;
  if (!fork) return null;
  const place = h("section", { class: "session", "aria-label": t("fork.strip") });
  const draw = (now) =>
    fill(
      place,
      icon(now.state === "failed" ? "alert" : "copy"),
      h(
        "div",
        { class: "grow", role: "status" },
        h(
          "p",
          null,
          now.state === "failed"
            ? t("fork.failed", { problem: now.problem })
            : now.state === "forking"
              ? t("fork.copying", { copied: now.copied, elements: now.elements })
              : t("fork.finished"),
          " ",
          h(
            "a",
            { href: href("/c/:campaign/time", { campaign: now.campaign_id }, { at: now.position }) },
            t("fork.original"),
          ),
        ),
        now.state === "forking" && meter({ label: t("fork.strip"), value: now.copied, max: Math.max(now.elements, 1) }),
      ),
    );
  draw(fork);
  if (fork.state === "forking") follow(view, draw);
  return place;
}

async function follow(view, draw) {
  while (!view.signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
    if (view.signal.aborted) return;
    try {
      const now = await reload(view.campaign.campaign_id, view.signal);
      draw(now.forked_from);
      if (now.forked_from.state !== "forking") return view.reload();
    } catch {
      // The next look may fare better.
    }
  }
}
