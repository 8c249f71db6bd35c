// The evenings of a campaign and their recaps: one for who leads it, one that is safe for players.

import * as api from "../api.js";
import { h, icon, safeHtml } from "../dom.js";
import { openDialog } from "../elements/gm-dialog.js";
import { toast } from "../elements/gm-toast.js";
import { field, form, input, textarea } from "../field.js";
import { t, when } from "../i18n.js";
import { href } from "../router.js";
import { empty } from "../states.js";
import { page, region } from "../view.js";

/** @param {import("../view.js").View} view */
export function show(view) {
  const { campaign, master } = view;
  const address = `/api/campaigns/${encodeURIComponent(campaign.campaign_id)}/sessions`;
  const place = region(view, async () => {
    const { items } = await api.get(address, { signal: view.signal, query: { limit: 100 } });
    if (!items.length)
      return empty({
        icon: "clock",
        title: t("sessions.none"),
        text: t(master ? "home.noSession" : "sessions.noneText"),
      });
    return h(
      "ol",
      { class: "stack" },
      items.map((one) => h("li", null, evening(one))),
    );
  });

  function evening(one) {
    const then = (position, text) =>
      position &&
      h("a", { href: href("/c/:campaign/time", { campaign: campaign.campaign_id }, { at: position }) }, text);
    return h(
      "article",
      { class: "panel" },
      h(
        "header",
        null,
        h("h2", null, one.title ? `${one.number}. ${one.title}` : t("home.sessionNumber", { number: one.number })),
        one.ended_at
          ? master &&
              h(
                "button",
                { class: "button button--small", type: "button", on: { click: () => edit(one) } },
                icon("edit"),
                t("sessions.editRecap"),
              )
          : h("span", { class: "badge badge--good" }, t("sessions.on")),
      ),
      h(
        "div",
        { class: "panel-body stack" },
        h(
          "p",
          { class: "cluster small faint" },
          when(one.started_at),
          one.ended_at && `– ${when(one.ended_at)}`,
          then(one.started_position, t("sessions.before")),
          then(one.ended_position, t("sessions.after")),
        ),
        recap(one, "recap_players", t("home.recapPlayers")),
        master && recap(one, "recap", t("home.recap")),
      ),
    );
  }

  function recap(one, part, title) {
    if (!one[part]) return null;
    const text = h("div", { class: "prose" });
    safeHtml(text, one.html?.[part] ?? "");
    return h(
      "div",
      { class: part === "recap" ? "fact fact--secret" : "fact" },
      h("h3", { class: "small-head" }, part === "recap" && icon("seal"), title),
      text,
    );
  }

  function edit(one) {
    const dialog = openDialog({
      title: t("sessions.editRecap"),
      wide: true,
      body: form({
        fields: {
          title: field(t("home.sessionTitle"), input({ maxlength: 120, value: one.title }), { optional: true }),
          recap: field(t("home.recap"), textarea({ rows: 8, value: one.recap }), {
            optional: true,
            hint: t("home.recapHint"),
          }),
          recap_players: field(t("home.recapPlayers"), textarea({ rows: 8, value: one.recap_players }), {
            optional: true,
            hint: t("home.recapPlayersHint"),
          }),
        },
        submit: t("actions.save"),
        cancel: () => dialog.close(),
        send: async (values) => {
          await api.patch(`${address}/${one.number}`, values);
          dialog.close();
          toast(t("actions.saved"));
          place.again();
        },
      }),
    });
  }

  view.render(page({ title: t("sessions.title"), lead: t("sessions.lead") }, place));
}
