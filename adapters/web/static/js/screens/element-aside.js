// Beside an element: its picture, what leads to it, where it came from.

import { actorName } from "../activity.js";
import * as api from "../api.js";
import { originLink } from "../blame.js";
import { fill, h, icon } from "../dom.js";
import { ago, t, when } from "../i18n.js";
import { remember } from "../names.js";
import { href } from "../router.js";
import { schemaOf } from "../schemas.js";
import { elementLink } from "../values.js";
import { region } from "../view.js";

/** @param {{view: import("../view.js").View, element: any, changing: boolean}} about */
export function aside({ view, element, changing }) {
  return h(
    "aside",
    { class: "stack" },
    portrait(view, element, changing),
    backlinks(view, element),
    about(view, element),
  );
}

function portrait(view, element, changing) {
  const id = element.fields.image_id;
  const place = h("div", { class: "portrait" });
  if (id) {
    api
      .picture(`/api/images/${encodeURIComponent(id)}?size=small`, view.signal)
      .then((source) =>
        fill(
          place,
          h(
            "button",
            {
              class: "portrait-open",
              type: "button",
              "aria-label": t("images.open"),
              on: { click: async () => (await import("../elements/image-dialog.js")).openImage(id) },
            },
            h("img", { src: source, alt: element.name }),
          ),
        ),
      )
      .catch(() => fill(place, h("p", { class: "faint" }, t("images.gone"))));
  } else fill(place, h("div", { class: "portrait-none" }, icon(element.kind)));
  const choose = async () => {
    const { openImageFor } = await import("../elements/image-dialog.js");
    openImageFor(view.campaign, element, view.reload);
  };
  return h(
    "section",
    { class: "panel panel--portrait" },
    place,
    changing &&
      h(
        "footer",
        null,
        h(
          "button",
          { class: "button button--small button--quiet", type: "button", on: { click: choose } },
          icon("image"),
          t(id ? "images.change" : "images.add"),
        ),
      ),
  );
}

function backlinks(view, element) {
  const list = (items, titles) =>
    items.length
      ? h(
          "ul",
          { class: "stack stack--tight" },
          items.map((one) =>
            h(
              "li",
              { class: "backlink" },
              elementLink(view.campaign.campaign_id, one.element_id ?? one.id ?? one.from, one),
              h("span", { class: "faint small" }, titles[one.kind]?.[one.field] ?? one.label ?? one.field ?? ""),
            ),
          ),
        )
      : h("p", { class: "faint" }, t("elements.noBacklinks"));
  const load = async () => {
    const items =
      element.backlinks ??
      (await api.get(`/api/elements/${encodeURIComponent(element.element_id)}/backlinks`, { signal: view.signal }))
        .items;
    remember(items);
    const titles = {};
    await Promise.all(
      [...new Set(items.map((one) => one.kind).filter(Boolean))].map(
        async (kind) =>
          (titles[kind] = await schemaOf(kind)
            .then((schema) =>
              Object.fromEntries(Object.entries(schema.properties).map(([name, property]) => [name, property.title])),
            )
            .catch(() => ({}))),
      ),
    );
    return list(items, titles);
  };
  return h(
    "section",
    { class: "panel" },
    h("header", null, h("h2", null, t("elements.backlinks"))),
    h("div", { class: "panel-body" }, region(view, load, 2)),
  );
}

function about(view, element) {
  const origin = element.origin;
  return h(
    "section",
    { class: "panel" },
    h("header", null, h("h2", null, t("elements.about"))),
    h(
      "dl",
      { class: "facts panel-body small" },
      h("dt", null, t("elements.version")),
      h("dd", null, `v${element.version}`),
      element.changed_at && [
        h("dt", null, t("elements.changedAt")),
        h(
          "dd",
          null,
          h("time", { datetime: element.changed_at, title: when(element.changed_at) }, ago(element.changed_at)),
          element.changed_by ? ` · ${actorName(element.changed_by)}` : "",
        ),
      ],
      element.created_at && [h("dt", null, t("elements.createdAt")), h("dd", null, when(element.created_at))],
      origin && [
        h("dt", null, t("elements.origin")),
        h("dd", null, originLink(origin, view.campaign.campaign_id, view.master)),
      ],
      element.fields.npc_id && [
        h("dt", null, t("elements.worldNpc")),
        h("dd", null, h("a", { href: href("/world/npc/:id", { id: element.fields.npc_id }) }, element.fields.npc_id)),
      ],
    ),
  );
}
