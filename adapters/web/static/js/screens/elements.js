// The elements of a campaign: by kind, by words, by tag.

import * as api from "../api.js";
import { reload } from "../campaign.js";
import { fill, h, icon, later } from "../dom.js";
import { menuButton } from "../elements/gm-menu.js";
import { t } from "../i18n.js";
import { remember } from "../names.js";
import { go, href, setQuery } from "../router.js";
import { KINDS } from "../schemas.js";
import { empty, failure, skeleton } from "../states.js";
import { page } from "../view.js";
import { elementRow } from "./campaign-home.js";

const PAGE = 60;

/** @param {import("../view.js").View} view */
export function show(view) {
  const { campaign, master } = view;
  const kind = KINDS.includes(view.params.kind) ? view.params.kind : "";
  const fresh = view.query.get("new");
  const list = h("div", { "aria-live": "polite" });
  const search = h("input", {
    class: "input",
    type: "search",
    placeholder: t("elements.search"),
    "aria-label": t("elements.search"),
    value: view.query.get("q"),
    on: { input: later(() => (setQuery({ q: search.value.trim() }), load()), 200) },
  });
  const seen = h(
    "select",
    {
      class: "select select--auto",
      "aria-label": t("visibility.whoSees"),
      on: { change: () => (setQuery({ visibility: seen.value }), load()) },
    },
    [
      ["", t("elements.anyVisibility")],
      ...["gm", "all", "members"].map((one) => [one, t(`visibility.${one}`)]),
      ["removed", t("elements.removedBadge")],
    ].map(([value, text]) => h("option", { value }, text)),
  );
  /** @type {any} */ (seen).value = view.query.get("visibility") ?? "";
  const create = () =>
    master &&
    !campaign.archived &&
    menuButton({
      label: t("elements.create"),
      icon: "plus",
      text: t("elements.create"),
      class: "button button--primary",
      items: () => [
        { label: t("generate.title"), icon: "spark", run: () => generate(view, kind) },
        ...(kind ? [kind] : KINDS).map((one) => ({
          label: t(`kinds.${one}`),
          icon: one,
          run: () => newElement(view, one),
        })),
      ],
    });
  const chip = (one, text) =>
    h(
      "a",
      {
        class: "chip",
        href: href("/c/:campaign/elements/:kind", { campaign: campaign.campaign_id, kind: one }).replace(/\/$/, ""),
        "aria-current": one === kind ? "page" : null,
      },
      one && icon(one),
      text,
      campaign.counts && one && h("span", { class: "faint" }, String(campaign.counts[one] ?? 0)),
    );

  async function load(cursor = "") {
    const q = search.value.trim();
    if (!cursor) fill(list, skeleton(6));
    try {
      const answer = await api.get(`/api/elements/${encodeURIComponent(campaign.campaign_id)}`, {
        signal: view.signal,
        query: {
          kind,
          q,
          ...(seen.value === "removed" ? { removed: true } : { visibility: seen.value }),
          tag: view.query.get("tag"),
          cursor,
          limit: PAGE,
        },
      });
      if (q !== search.value.trim()) return;
      remember(answer.items);
      draw(answer, cursor);
    } catch (error) {
      if (!view.signal.aborted)
        fill(
          list,
          failure(error, () => load(cursor)),
        );
    }
  }

  function draw(answer, cursor) {
    list.querySelector(".more")?.remove();
    const rows = answer.items.map((one) => elementRow(campaign.campaign_id, one));
    if (cursor) list.querySelector(".rows")?.append(...rows);
    else if (rows.length) fill(list, h("div", { class: "rows", "data-arrows": true }, rows));
    else fill(list, none());
    if (answer.next)
      list.append(
        h(
          "button",
          { class: "button more", type: "button", on: { click: () => load(answer.next) } },
          t("elements.more"),
        ),
      );
  }

  function none() {
    if (search.value.trim() || seen.value || view.query.get("tag"))
      return empty({ icon: "search", title: t("elements.notFound"), text: t("elements.notFoundText") });
    return empty({
      icon: kind || "book",
      title: t(kind ? `elements.none.${kind}` : "elements.none.any"),
      text: t(master ? "elements.noneText" : "elements.nonePlayer"),
      action: create(),
    });
  }

  view.title(kind ? t(`kindsMany.${kind}`) : t("elements.title"));
  view.render(
    page(
      { title: kind ? t(`kindsMany.${kind}`) : t("elements.title"), actions: [create()] },
      h(
        "nav",
        { class: "chips toolbar", "aria-label": t("elements.byKind") },
        chip("", t("elements.all")),
        KINDS.map((one) => chip(one, t(`kindsMany.${one}`))),
      ),
      h(
        "div",
        { class: "toolbar" },
        search,
        master && seen,
        view.query.get("tag") &&
          h(
            "button",
            {
              class: "chip",
              type: "button",
              on: { click: () => go(href("/c/:campaign/elements/:kind", { campaign: campaign.campaign_id, kind })) },
            },
            `#${view.query.get("tag")}`,
            icon("close"),
          ),
      ),
      list,
    ),
  );
  load();
  if (master && KINDS.includes(fresh ?? "")) {
    setQuery({ new: null });
    newElement(view, /** @type {string} */ (fresh));
  }
}

async function newElement(view, kind) {
  const { openNewElement } = await import("../elements/new-element.js");
  openNewElement(view.campaign, kind, async (made) => {
    reload(view.campaign.campaign_id).catch(() => {});
    go(href("/c/:campaign/e/:element", { campaign: view.campaign.campaign_id, element: made.element_id }));
  });
}

async function generate(view, kind) {
  const { openGenerate } = await import("../elements/generate-dialog.js");
  openGenerate(view.campaign, { kind });
}
