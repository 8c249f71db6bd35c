/** The strip on a campaign's home that begins and ends an evening. */

import * as api from "../api.js";
import { reload } from "../campaign.js";
import { h, icon } from "../dom.js";
import { openDialog } from "../elements/gm-dialog.js";
import { toast } from "../elements/gm-toast.js";
import { field, form, input, textarea } from "../field.js";
import { ago, t } from "../i18n.js";

/**
 * Whether an evening runs, and for game masters the way to begin or end it; null where there is nothing to tell.
 * @param {any} view
 * @param {string} base the campaign's address in the API
 */
export function sessionStrip(view, base) {
  const { campaign, master } = view;
  const running = campaign.session;
  if (!running && !master) return null;
  return h(
    "section",
    { class: running ? "session session--on" : "session", "aria-label": t("home.session") },
    icon(running ? "play" : "clock"),
    h(
      "p",
      { class: "grow" },
      running
        ? [
            h(
              "b",
              null,
              running.title
                ? `${t("home.sessionRuns", { number: running.number })}: ${running.title}`
                : t("home.sessionRuns", { number: running.number }),
            ),
            " ",
            h("span", { class: "faint" }, t("home.startedAgo", { ago: ago(running.started_at) })),
          ]
        : t("home.noSession"),
    ),
    master &&
      h(
        "button",
        {
          class: running ? "button" : "button button--primary",
          type: "button",
          on: { click: () => (running ? endSession(view, base) : startSession(view, base)) },
        },
        t(running ? "home.endSession" : "home.startSession"),
      ),
  );
}

function startSession(view, base) {
  const dialog = openDialog({
    title: t("home.startSession"),
    body: form({
      fields: { title: field(t("home.sessionTitle"), input({ maxlength: 120 }), { optional: true }) },
      submit: t("home.startSession"),
      cancel: () => dialog.close(),
      send: async (values) => {
        await api.post(`${base}/sessions`, values);
        dialog.close();
        await reload(view.campaign.campaign_id);
        toast(t("home.sessionStarted"));
        view.reload();
      },
    }),
  });
}

function endSession(view, base) {
  const dialog = openDialog({
    title: t("home.endSession"),
    wide: true,
    body: form({
      fields: {
        recap: field(t("home.recap"), textarea({ rows: 8 }), { optional: true, hint: t("home.recapHint") }),
        recap_players: field(t("home.recapPlayers"), textarea({ rows: 8 }), {
          optional: true,
          hint: t("home.recapPlayersHint"),
        }),
      },
      submit: t("home.endSession"),
      cancel: () => dialog.close(),
      send: async (values) => {
        await api.post(`${base}/sessions/current/end`, values);
        dialog.close();
        await reload(view.campaign.campaign_id);
        toast(t("home.sessionEnded"));
        view.reload();
      },
    }),
  });
}
