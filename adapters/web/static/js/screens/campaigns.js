// The campaigns a person belongs to, and the way to begin one.

import * as api from "../api.js";
import { h, icon } from "../dom.js";
import { openDialog } from "../elements/gm-dialog.js";
import { field, form, input, select, textarea } from "../field.js";
import { ago, current, t } from "../i18n.js";
import { go, href } from "../router.js";
import { may } from "../session.js";
import { empty } from "../states.js";
import { page, region } from "../view.js";

/** @param {import("../view.js").View} view */
export function show(view) {
  const creator = may(["gamemaster"]);
  const resting = view.query.has("archived");
  const create = () =>
    creator &&
    h(
      "button",
      { class: "button button--primary", type: "button", on: { click: openCreate } },
      icon("plus"),
      t("campaigns.create"),
    );
  view.render(
    page(
      { title: t("campaigns.title"), lead: t("campaigns.lead"), actions: [create()] },
      h(
        "nav",
        { class: "tabs", "aria-label": t("proposals.byStatus") },
        [
          ["", "campaigns.current"],
          ["?archived=1", "campaigns.status.archived"],
        ].map(([query, word]) =>
          h(
            "a",
            { class: "tab", href: `#/campaigns${query}`, "aria-current": Boolean(query) === resting ? "page" : null },
            t(word),
          ),
        ),
      ),
      region(view, async () => {
        const { items } = await api.get("/api/campaigns", {
          signal: view.signal,
          query: { limit: 100, archived: resting },
        });
        if (!items.length && resting) return empty({ icon: "book", title: t("campaigns.noneArchived") });
        if (!items.length)
          return empty({
            icon: "book",
            title: t("campaigns.none"),
            text: t(creator ? "campaigns.noneMaster" : "campaigns.nonePlayer"),
            action: create(),
          });
        return h("div", { class: "cards" }, items.map(card));
      }),
    ),
  );
}

function card(one) {
  const counts = Object.entries(one.counts ?? {}).filter(([, n]) => n);
  return h(
    "a",
    { class: "card", href: href("/c/:campaign", { campaign: one.campaign_id }) },
    h("h2", null, one.name),
    one.description && h("p", { class: "faint three-lines" }, one.description),
    h(
      "div",
      { class: "card-foot" },
      one.session && h("span", { class: "badge badge--good" }, t("home.sessionRuns", { number: one.session.number })),
      one.status && one.status !== "active" && h("span", { class: "badge" }, t(`campaigns.status.${one.status}`)),
      one.my_role && h("span", { class: "badge badge--accent" }, t(`memberRoles.${one.my_role}`)),
      counts.map(([kind, n]) => h("span", null, t(`counted.${kind}`, { n }))),
      h("span", { class: "grow" }),
      h("span", null, ago(one.changed_at)),
    ),
  );
}

/** The fields of a campaign, for creating and for changing it. @param {any} [one] */
export function campaignFields(one = {}) {
  return {
    name: field(t("campaigns.name"), input({ value: one.name, required: true, maxlength: 120 })),
    description: field(t("campaigns.description"), textarea({ value: one.description, rows: 3 }), {
      optional: true,
      hint: t("campaigns.descriptionHint"),
    }),
    theme: field(t("campaigns.theme"), input({ value: one.theme, maxlength: 120 }), {
      optional: true,
      hint: t("campaigns.themeHint"),
    }),
    ruleset: field(
      t("campaigns.ruleset"),
      select(
        [
          ["2024", t("campaigns.rulesets.2024")],
          ["2014", t("campaigns.rulesets.2014")],
        ],
        { value: one.ruleset ?? "2024" },
      ),
    ),
    language: field(
      t("campaigns.language"),
      select(
        [
          ["en", "English"],
          ["fr", "Français"],
        ],
        { value: one.language ?? current() },
      ),
    ),
    level: field(t("campaigns.level"), input({ type: "number", min: 1, max: 20, value: one.level ?? 1 })),
  };
}

function openCreate() {
  const dialog = openDialog({
    title: t("campaigns.create"),
    body: form({
      fields: campaignFields(),
      submit: t("campaigns.createSubmit"),
      cancel: () => dialog.close(),
      send: async (values) => {
        const made = await api.post("/api/campaigns", values);
        dialog.close();
        go(href("/c/:campaign", { campaign: made.campaign_id }));
      },
    }),
  });
}
