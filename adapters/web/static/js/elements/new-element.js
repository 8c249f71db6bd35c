// Writing a new element by hand.

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import { field, select } from "../field.js";
import { t } from "../i18n.js";
import { schemaOf } from "../schemas.js";
import { explain, failure, skeleton } from "../states.js";
import { openDialog } from "./gm-dialog.js";
import { schemaForm } from "./gm-form.js";
import { toast } from "./gm-toast.js";

/**
 * @param {any} campaign
 * @param {string} kind
 * @param {(made: any) => void} done
 */
export async function openNewElement(campaign, kind, done) {
  const place = h("div", null, skeleton(6));
  const trouble = h("div", { role: "alert" });
  const visibility = select(
    ["gm", "all"].map((one) => [one, t(`visibility.long.${one}`)]),
    { value: "gm" },
  );
  const save = h(
    "button",
    { class: "button button--primary", type: "button", disabled: true, on: { click: send } },
    t("elements.save"),
  );
  const dialog = openDialog({
    title: t("elements.new", { kind: t(`kinds.${kind}`) }),
    wide: true,
    body: [place, trouble],
    actions: [
      h("button", { class: "button", type: "button", on: { click: () => dialog.close() } }, t("actions.cancel")),
      save,
    ],
  });
  dialog.addEventListener("keydown", (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && send());
  let form;
  try {
    const schema = await schemaOf(kind);
    form = schemaForm({ schema, values: {}, campaign: campaign.campaign_id, switches: true, without: ["image_id"] });
    fill(place, h("div", { class: "form-intro" }, field(t("visibility.whoSees"), visibility)), form);
    save.disabled = false;
    /** @type {HTMLElement | null} */ (form.querySelector("input"))?.focus();
  } catch (error) {
    fill(place, failure(error));
  }

  async function send() {
    fill(trouble);
    if (!form?.check() || save.getAttribute("aria-busy")) return;
    save.setAttribute("aria-busy", "true");
    try {
      const made = await api.post("/api/elements", {
        campaign_id: campaign.campaign_id,
        kind,
        fields: form.filled(),
        visibility: visibility.value,
        field_visibility: form.visibility(),
      });
      dialog.close();
      toast(t("elements.created"));
      done(made);
    } catch (error) {
      if (!form.complain(error, explain(error))) fill(trouble, failure(error));
    } finally {
      save.removeAttribute("aria-busy");
    }
  }
}
