// The pictures of a campaign.

import * as api from "../api.js";
import { h, icon } from "../dom.js";
import { openImage, openImageFor } from "../elements/image-dialog.js";
import { t } from "../i18n.js";
import { subscribe } from "../socket.js";
import { empty } from "../states.js";
import { page, region } from "../view.js";

/** @param {import("../view.js").View} view */
export function show(view) {
  const { campaign, master } = view;
  const create = () =>
    master &&
    h(
      "button",
      {
        class: "button button--primary",
        type: "button",
        on: { click: () => openImageFor(campaign, null, () => place.again()) },
      },
      icon("plus"),
      t("images.add"),
    );
  const place = region(view, async () => {
    const { items } = await api.get(`/api/campaigns/${encodeURIComponent(campaign.campaign_id)}/images`, {
      signal: view.signal,
      query: { limit: 60 },
    });
    if (!items.length)
      return empty({
        icon: "image",
        title: t("images.none"),
        text: t(master ? "images.noneText" : "images.nonePlayer"),
        action: create(),
      });
    return h(
      "ul",
      { class: "gallery" },
      items.map((one) => h("li", null, tile(one))),
    );
  });

  function tile(one) {
    const frame = h(
      "span",
      { class: "tile-frame" },
      icon(one.status === "failed" ? "alert" : one.status === "requested" ? "clock" : "image"),
    );
    if (one.status === "stored") {
      api
        .picture(`/api/images/${encodeURIComponent(one.image_id)}?size=thumb`, view.signal)
        .then((source) => frame.replaceChildren(h("img", { src: source, alt: "" })))
        .catch(() => {});
    }
    const name = one.alt || one.prompt || t("images.noAlt");
    return h(
      "button",
      {
        class: "tile",
        type: "button",
        "aria-label": name,
        on: { click: () => openImage(one.image_id, master ? { removed: () => place.again() } : {}) },
      },
      frame,
      h("span", { class: "clip" }, name),
    );
  }

  subscribe(
    `campaign:${campaign.campaign_id}`,
    (message) =>
      (message.type === "lagging" || message.items?.some((one) => one.category === "image")) && place.again(),
    { signal: view.signal },
  );
  view.render(page({ title: t("images.title"), lead: t("images.lead"), actions: [create()] }, place));
}
