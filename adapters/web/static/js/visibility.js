// Who sees an element: badges, and the dialog that changes it.

import * as api from "./api.js";
import { h, icon } from "./dom.js";
import { openDialog } from "./elements/gm-dialog.js";
import { toast } from "./elements/gm-toast.js";
import { field, form, select } from "./field.js";
import { t } from "./i18n.js";

/** @param {string} visibility "gm" | "all" | "members" @param {(() => void) | null} [change] makes it a button */
export function visibilityBadge(visibility, change) {
  if (!visibility) return null;
  const secret = visibility === "gm";
  return h(
    change ? "button" : "span",
    {
      class: secret ? "badge badge--secret" : "badge",
      type: change ? "button" : null,
      title: change ? t("visibility.title") : null,
      on: { click: change },
    },
    icon(secret ? "seal" : "eye"),
    t(`visibility.${visibility}`),
  );
}

/**
 * Asks who shall see an element, and tells the server.
 *
 * @param {any} element with its version and etag
 * @param {any} campaign with its members
 * @param {() => void} done
 */
export function openVisibility(element, campaign, done) {
  const players = (campaign.members ?? []).filter((one) => one.role === "player" || one.role === "observer");
  const boxes = players.map((one) =>
    h("input", { type: "checkbox", value: one.account_id, checked: (element.members ?? []).includes(one.account_id) }),
  );
  const who = h(
    "div",
    { class: "stack stack--tight" },
    players.length
      ? players.map((one, index) => h("label", { class: "check" }, boxes[index], one.display ?? one.name))
      : h("p", { class: "hint" }, t("visibility.noPlayers")),
  );
  const choice = select(
    ["gm", "all", "members"].map((one) => [one, t(`visibility.long.${one}`)]),
    { value: element.visibility, on: { change: () => (members.hidden = choice.value !== "members") } },
  );
  const members = field(t("visibility.whichMembers"), who, { group: true });
  members.hidden = element.visibility !== "members";
  const fields = { visibility: field(t("visibility.whoSees"), choice) };
  const body = form({
    fields,
    tail: members,
    submit: t("actions.save"),
    cancel: () => dialog.close(),
    send: async ({ visibility }) => {
      const chosen = visibility === "members" ? boxes.filter((one) => one.checked).map((one) => one.value) : [];
      await api.post(
        `/api/elements/${encodeURIComponent(element.element_id)}/visibility`,
        { visibility, members: chosen },
        { version: element.etag ?? element.version },
      );
      dialog.close();
      toast(t(`visibility.now.${visibility}`));
      done();
    },
  });
  const dialog = openDialog({ title: t("visibility.title"), body });
}
