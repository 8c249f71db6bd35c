// The picture of a player's character: seen by the party, changed by who plays it and by game masters.

import * as api from "./api.js";
import { fill, h, icon } from "./dom.js";
import { t } from "./i18n.js";

/**
 * A small picture; without one an emblem.
 *
 * @param {any} one a character
 * @param {AbortSignal} signal
 * @returns {HTMLElement}
 */
export function thumbnail(one, signal) {
  const { image_id: id, name } = one.fields ?? one;
  const place = h("span", { class: "face" }, icon("shield"));
  if (id)
    api
      .picture(`/api/images/${encodeURIComponent(id)}?size=thumb`, signal)
      .then((source) => fill(place, h("img", { src: source, alt: name, width: 64, height: 64 })))
      .catch(() => {});
  return place;
}

/**
 * The picture with what can be done about it: it opens, and whoever may change the character gives it another one.
 *
 * @param {import("./view.js").View} view
 * @param {any} one a character
 * @param {string} address of the character in the API
 * @param {{changing: boolean, done: () => void}} may
 */
export function portrait(view, one, address, { changing, done }) {
  const { image_id: id, name } = one.fields;
  const picture = thumbnail(one, view.signal);
  const dialogs = () => import("./elements/image-dialog.js");
  const open = async () => (await dialogs()).openImage(id);
  const choose = async () =>
    (await dialogs()).openImageFor(view.campaign, { ...one, element_id: one.character_id, name }, done, {
      draws: view.master,
      save: (made) => replace(one, address, made),
    });
  return h(
    "div",
    { class: "portrait-small" },
    id
      ? h(
          "button",
          { class: "face-open", type: "button", "aria-label": t("characters.open", { name }), on: { click: open } },
          picture,
        )
      : picture,
    changing &&
      h(
        "button",
        {
          class: "button button--small",
          type: "button",
          "aria-label": t("characters.pictureOf", { name }),
          on: { click: choose },
        },
        icon("image"),
        t("characters.picture"),
      ),
  );
}

/** The new picture takes the place of the old one, which goes if it was a picture of this character. */
async function replace(one, address, made) {
  await api.patch(address, { fields: { image_id: made.image_id } }, { version: one.version });
  const before = one.fields.image_id;
  if (!before) return;
  try {
    const path = `/api/images/${encodeURIComponent(before)}`;
    if ((await api.get(`${path}/about`)).element_id === one.character_id) await api.remove(path);
  } catch {
    // It stays in the gallery, where game masters remove it.
  }
}
