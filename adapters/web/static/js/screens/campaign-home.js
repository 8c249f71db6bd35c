// A campaign's first page: what changed, what is open, who plays, what waits.

import { activityLine } from "../activity.js";
import * as api from "../api.js";
import { reload } from "../campaign.js";
import { thumbnail } from "../character-portrait.js";
import { fill, h, icon, safeHtml } from "../dom.js";
import { menuButton } from "../elements/gm-menu.js";
import { toastProblem } from "../elements/gm-toast.js";
import { ago, t, when } from "../i18n.js";
import { remember } from "../names.js";
import { href } from "../router.js";
import { KINDS, schemaOf } from "../schemas.js";
import { subscribe } from "../socket.js";
import { empty } from "../states.js";
import { page, region } from "../view.js";
import { campaignMenu } from "./campaign-settings.js";
import { forkStrip } from "./fork.js";
import { sessionStrip } from "./session-strip.js";
import { tonight } from "./tonight.js";

/** So many quests, by name, are looked through for open ones. */
const MOST_QUESTS = 60;
/** States of a copy in which nobody changes anything. */
const UNFINISHED = ["forking", "failed"];
const DONE = ["completed", "failed", "abandoned"];

/** @param {import("../view.js").View} view */
export function show(view) {
  const { campaign, master } = view;
  const base = `/api/campaigns/${encodeURIComponent(campaign.campaign_id)}`;
  const to = (rest) => href(`/c/:campaign${rest}`, { campaign: campaign.campaign_id });
  const changes = region(view, () => changesOf(view, base), 6);
  const pill = h("button", {
    class: "chip pill",
    type: "button",
    hidden: true,
    on: { click: () => ((pill.hidden = true), (news = 0), changes.again()) },
  });
  let news = 0;
  subscribe(
    `campaign:${campaign.campaign_id}`,
    (message) => {
      if (message.type === "lagging") return void changes.again();
      if (message.type !== "events") return;
      news += message.items.length;
      pill.hidden = false;
      fill(pill, icon("refresh"), t("home.news", { n: news }));
    },
    { signal: view.signal },
  );
  view.title(t("home.title"));
  view.render(
    page(
      {
        over: [
          t("home.rules", { ruleset: campaign.ruleset }),
          h("span", { "aria-hidden": "true" }, "·"),
          t("home.partyLevel", { level: campaign.level }),
          campaign.theme && [h("span", { "aria-hidden": "true" }, "·"), campaign.theme],
        ],
        title: campaign.name,
        lead: campaign.description,
        actions: [
          master &&
            !campaign.archived &&
            menuButton({
              label: t("elements.create"),
              icon: "plus",
              text: t("elements.create"),
              class: "button button--primary",
              items: () => [
                { label: t("generate.title"), icon: "spark", run: () => generate(view) },
                ...KINDS.map((kind) => ({
                  label: t(`kinds.${kind}`),
                  icon: kind,
                  run: () => (location.hash = `${to("/elements")}?new=${kind}`),
                })),
              ],
            }),
          campaignMenu(view),
        ],
      },
      forkStrip(view),
      campaign.archived ? restore(view, base) : UNFINISHED.includes(campaign.status) ? null : sessionStrip(view, base),
      h(
        "div",
        { class: "beside" },
        h(
          "div",
          null,
          h(
            "section",
            null,
            h("div", { class: "section-head section-head--first" }, h("h2", null, t("tonight.title"))),
            region(view, () => tonight(view, base), 5),
          ),
          h("section", null, h("div", { class: "section-head" }, h("h2", null, t("home.sinceLast")), pill), changes),
          h(
            "section",
            null,
            h(
              "div",
              { class: "section-head" },
              h("h2", null, t("home.threads")),
              h("a", { href: to("/elements/quest") }, t("home.allQuests")),
            ),
            region(view, () => threads(view), 3),
          ),
        ),
        h(
          "div",
          { class: "stack" },
          master &&
            panel(
              t("home.waiting"),
              to("/proposals"),
              region(view, () => waiting(view, base), 2),
            ),
          panel(
            t("home.party"),
            to("/characters"),
            region(view, () => party(view, base), 3),
          ),
          panel(
            t("home.lastRecap"),
            to("/sessions"),
            region(view, () => lastRecap(view, base), 3),
          ),
          panel(t("home.contents"), to("/elements"), contents(campaign, to)),
        ),
      ),
    ),
  );
}

const panel = (title, link, body) =>
  h(
    "section",
    { class: "panel" },
    h("header", null, h("h2", null, title), link && h("a", { class: "small", href: link }, t("home.open"))),
    h("div", { class: "panel-body" }, body),
  );

async function generate(view) {
  const { openGenerate } = await import("../elements/generate-dialog.js");
  openGenerate(view.campaign);
}

/** An archived campaign can be read; to change it, it comes back first. */
function restore(view, base) {
  const back = async () => {
    try {
      await api.post(`${base}/restore`);
      await reload(view.campaign.campaign_id);
      view.reload();
    } catch (error) {
      toastProblem(error);
    }
  };
  return h(
    "section",
    { class: "session" },
    icon("letter"),
    h("p", { class: "grow" }, t("campaigns.isArchived")),
    view.master && h("button", { class: "button", type: "button", on: { click: back } }, t("elements.restore")),
  );
}

async function changesOf(view, base) {
  const { items } = await api.get(`${base}/changes`, { signal: view.signal, query: { since: "session", limit: 30 } });
  remember(items);
  if (!items.length)
    return empty({ icon: "leaf", title: t("home.nothingChanged"), text: t("home.nothingChangedText") });
  const kinds = [...new Set(items.map((one) => one.kind).filter(Boolean))];
  const schemas = Object.fromEntries(
    await Promise.all(kinds.map(async (kind) => [kind, await schemaOf(kind).catch(() => null)])),
  );
  const titleOf = (name, kind) => schemas[kind ?? ""]?.properties?.[name]?.title ?? name;
  return h(
    "ul",
    { class: "activities" },
    items.map((one) => activityLine(one, view.campaign.campaign_id, titleOf)),
  );
}

/** Quests that are neither done nor lost: the state of each is in its fields. */
async function threads(view) {
  const campaign = view.campaign.campaign_id;
  const [schema, { items }] = await Promise.all([
    schemaOf("quest"),
    api.get(`/api/elements/${encodeURIComponent(campaign)}`, {
      signal: view.signal,
      query: { kind: "quest", fields: "status", limit: MOST_QUESTS },
    }),
  ]);
  remember(items);
  const open = items.filter((one) => !DONE.includes(one.fields.status)).slice(0, 8);
  if (!open.length) return h("p", { class: "faint" }, t("home.noThreads"));
  const titleOf = (value) => schema.properties.status["x-choices"].find((one) => one.value === value)?.title;
  return h(
    "div",
    { class: "rows", "data-arrows": true },
    open.map((one) => elementRow(campaign, one, titleOf(one.fields.status))),
  );
}

/** A row that leads to an element. @param {string} campaign @param {any} one a brief @param {string} [state] */
export function elementRow(campaign, one, state) {
  return h(
    "a",
    {
      class: one.visibility === "gm" ? "row row--secret" : "row",
      href: href("/c/:campaign/e/:element", { campaign, element: one.element_id }),
    },
    icon(one.kind),
    h(
      "span",
      { class: "grow" },
      h("span", { class: "row-title" }, one.name),
      one.summary && h("span", { class: "row-text" }, one.summary),
    ),
    state && h("span", { class: "badge" }, state),
    one.visibility === "gm" &&
      h("span", { class: "badge badge--secret", title: t("visibility.gm") }, icon("seal", t("visibility.gm"))),
    h("time", { class: "faint small", datetime: one.changed_at, title: when(one.changed_at) }, ago(one.changed_at)),
  );
}

async function waiting(view, base) {
  const { items } = await api.get(`${base}/proposals`, { signal: view.signal, query: { status: "open", limit: 5 } });
  if (!items.length)
    return h(
      "div",
      { class: "stack stack--tight" },
      h("p", { class: "faint" }, t("home.noneWaiting")),
      h(
        "button",
        { class: "button", type: "button", on: { click: () => generate(view) } },
        icon("spark"),
        t("generate.title"),
      ),
    );
  return h(
    "ul",
    { class: "stack stack--tight", "data-arrows": true },
    items.map((one) =>
      h(
        "li",
        null,
        h(
          "a",
          {
            class: "plain-row",
            "data-stop": true,
            href: href("/c/:campaign/proposals/:proposal", {
              campaign: view.campaign.campaign_id,
              proposal: one.proposal_id,
            }),
          },
          icon("spark"),
          h(
            "span",
            { class: "grow" },
            h("span", { class: "row-title" }, one.name ?? one.drafts?.[0]?.fields?.name ?? t(`kinds.${one.kind}`)),
            h("span", { class: "row-text" }, one.brief),
          ),
        ),
      ),
    ),
  );
}

async function party(view, base) {
  const { items } = await api.get(`${base}/characters`, { signal: view.signal });
  if (!items.length) return h("p", { class: "faint" }, t(view.master ? "home.noParty" : "home.noPartyPlayer"));
  return h(
    "ul",
    { class: "stack stack--tight" },
    items.map((one) => {
      const fields = one.fields ?? one;
      return h(
        "li",
        { class: "plain-row" },
        thumbnail(one, view.signal),
        h(
          "span",
          { class: "grow" },
          h("span", { class: "row-title" }, fields.name),
          h("span", { class: "row-text" }, [fields.species, fields.class].filter(Boolean).join(", ")),
        ),
        fields.level && h("span", { class: "badge" }, t("characters.level", { level: fields.level })),
      );
    }),
  );
}

async function lastRecap(view, base) {
  const { items } = await api.get(`${base}/sessions`, { signal: view.signal, query: { limit: 5 } });
  const last = items.filter((one) => one.ended_at).sort((a, b) => b.number - a.number)[0];
  if (!last) return h("p", { class: "faint" }, t("home.noRecap"));
  const text = h("div", { class: "prose" });
  const html = last.html?.recap ?? last.recap_html ?? last.html?.recap_players ?? last.recap_players_html;
  if (html) safeHtml(text, html);
  else text.textContent = last.recap || last.recap_players || t("home.noRecapText");
  return [
    h("p", { class: "over" }, t("home.sessionNumber", { number: last.number }), " · ", when(last.ended_at)),
    text,
  ];
}

function contents(campaign, to) {
  return h(
    "div",
    { class: "counts" },
    KINDS.map((kind) =>
      h(
        "a",
        { class: "count", href: to(`/elements/${kind}`) },
        h("b", null, String(campaign.counts?.[kind] ?? 0)),
        h("span", null, t(`kindsMany.${kind}`)),
      ),
    ),
  );
}
