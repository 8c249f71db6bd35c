// Editing an element: its form, saved as one change of what differs.

import * as api from "../api.js";
import { fill, h, icon } from "../dom.js";
import { schemaForm } from "../elements/gm-form.js";
import { t } from "../i18n.js";
import { explain, failure } from "../states.js";

/**
 * @param {{element: any, schema: any, campaign: any, cancel: () => void, saved: (answer: any) => void, conflict: () => void, focus?: string}} about
 * @returns {{node: HTMLElement, dirty: () => boolean}}
 */
export function editForm({ element, schema, campaign, cancel, saved, conflict, focus }) {
  const id = element.element_id;
  const form = schemaForm({
    schema,
    values: element.fields,
    campaign: campaign.campaign_id,
    visibility: element.field_visibility ?? {},
    switches: true,
    without: ["image_id"],
  });
  const trouble = h("div", { role: "alert" });
  const save = h("button", { class: "button button--primary", type: "submit" }, t("actions.save"));
  const shownBefore = JSON.stringify(element.field_visibility ?? {});
  const shownNow = () => JSON.stringify(form.visibility());
  const node = h(
    "form",
    {
      class: "editing",
      novalidate: true,
      on: {
        submit: send,
        keydown: (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && node.requestSubmit(),
      },
    },
    form,
    trouble,
    h(
      "div",
      { class: "form-foot form-foot--sticky" },
      h("span", { class: "hint grow" }, t("elements.saveHint")),
      h("button", { class: "button", type: "button", on: { click: cancel } }, t("actions.cancel")),
      save,
    ),
  );

  async function send(event) {
    event.preventDefault();
    fill(trouble);
    if (!form.check() || save.getAttribute("aria-busy")) return;
    const fields = form.changes();
    const reshown = shownNow() !== shownBefore;
    if (!Object.keys(fields).length && !reshown) return cancel();
    save.setAttribute("aria-busy", "true");
    try {
      let answer = null;
      let version = element.etag ?? element.version;
      if (Object.keys(fields).length) {
        const made = await changed(fields, version, reshown);
        answer = made.data;
        version = made.headers.get("ETag") ?? answer?.version ?? version;
      }
      if (reshown)
        answer = await api.post(
          `/api/elements/${encodeURIComponent(id)}/visibility`,
          { visibility: element.visibility, members: element.members ?? [], field_visibility: form.visibility() },
          { version },
        );
      saved(answer);
    } catch (error) {
      if (error.status === 412 || error.status === 409) fill(trouble, stale(error));
      else if (!form.complain(error, explain(error))) fill(trouble, failure(error));
    } finally {
      save.removeAttribute("aria-busy");
    }
  }

  /** Saves; where somebody else has changed other things meanwhile, both changes stand. */
  async function changed(fields, version, reshown) {
    const patch = (version) =>
      api.ask("PATCH", `/api/elements/${encodeURIComponent(id)}`, { body: { fields }, version });
    try {
      return await patch(version);
    } catch (error) {
      if (error.status !== 412) throw error;
      const newest = await api.get(`/api/element/${encodeURIComponent(id)}`);
      const moved = (name) => JSON.stringify(newest[name]) !== JSON.stringify(element[name]);
      const taken = (name) => JSON.stringify(newest.fields[name]) !== JSON.stringify(element.fields[name]);
      if (Object.keys(fields).some(taken) || (reshown && ["visibility", "members", "field_visibility"].some(moved)))
        throw error;
      return await patch(newest.version);
    }
  }

  const stale = (error) =>
    h(
      "div",
      { class: "note note--warn" },
      icon("alert"),
      h(
        "div",
        { class: "note-body" },
        h("p", null, error.status === 412 ? t("elements.stale") : explain(error)),
        h("button", { class: "button", type: "button", on: { click: conflict } }, t("elements.loadAgain")),
      ),
    );

  queueMicrotask(() => {
    const at = focus && form.parts.get(focus)?.field;
    if (!at) return;
    at.scrollIntoView({ block: "center" });
    at.control.focus();
  });
  return { node, dirty: () => Object.keys(form.changes()).length > 0 || shownNow() !== shownBefore };
}
