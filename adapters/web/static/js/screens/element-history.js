// Every revision of an element: what each changed, against what came before, and the way back.

import { actorName } from "../activity.js";
import * as api from "../api.js";
import { originText, positionLink } from "../blame.js";
import { fill, h, icon } from "../dom.js";
import { toast, toastProblem } from "../elements/gm-toast.js";
import { ago, t, when } from "../i18n.js";
import { href } from "../router.js";
import { empty, failure, skeleton } from "../states.js";
import { region } from "../view.js";

/** @param {{view: import("../view.js").View, element: any, schema: any, changed: () => void}} about */
export function history({ view, element, schema, changed }) {
  const address = `/api/elements/${encodeURIComponent(element.element_id ?? view.params.element)}`;
  return region(view, async () => {
    const { items } = await api.get(`${address}/revisions`, { signal: view.signal, query: { limit: 100 } });
    if (!items.length) return empty({ icon: "history", title: t("elements.noHistory") });
    const revisions = [...items].sort((a, b) => b.version - a.version);
    return h(
      "ol",
      { class: "revisions" },
      revisions.map((one, index) => revision(one, revisions[index + 1])),
    );
  });

  function revision(one, before) {
    const names = one.changed ?? [];
    const titles = names.map((name) => schema.properties[name]?.title ?? name);
    const place = h("div", { hidden: true });
    const toggle = h(
      "button",
      { class: "button button--small button--quiet", type: "button", "aria-expanded": "false", on: { click: open } },
      icon("layers"),
      t("elements.compare"),
    );
    async function open() {
      place.hidden = !place.hidden;
      toggle.setAttribute("aria-expanded", String(!place.hidden));
      if (place.hidden || place.childElementCount) return;
      fill(place, skeleton(3));
      try {
        fill(place, await difference(one, before));
      } catch (error) {
        if (!view.signal.aborted) fill(place, failure(error, open));
      }
    }
    return h(
      "li",
      { class: "revision" },
      h("span", { class: "revision-number" }, `v${one.version}`),
      h(
        "div",
        { class: "grow" },
        h(
          "p",
          { class: "spread" },
          h(
            "span",
            null,
            h("b", null, actorName(one.actor)),
            " ",
            h("span", { class: "faint" }, originText(one.origin)),
          ),
          h(
            "span",
            { class: "faint small" },
            h("time", { datetime: one.at, title: when(one.at) }, ago(one.at)),
            " ",
            positionLink(one.position),
          ),
        ),
        titles.length > 0 && h("p", { class: "row-text" }, titles.join(" · ")),
        h(
          "div",
          { class: "cluster" },
          toggle,
          h(
            "a",
            {
              class: "button button--small button--quiet",
              href: href("/c/:campaign/e/:element", view.params, { at: one.position }),
            },
            icon("clock"),
            t("elements.seeThen"),
          ),
          before &&
            view.master &&
            h(
              "button",
              { class: "button button--small button--quiet", type: "button", on: { click: () => undo(one.version) } },
              icon("undo"),
              t("elements.undoThis"),
            ),
        ),
        place,
      ),
    );
  }

  async function difference(one, before) {
    const [{ GmDiff }, after, earlier] = await Promise.all([
      import("../elements/gm-diff.js"),
      snapshot(one.version),
      before ? snapshot(before.version) : {},
    ]);
    const diff = /** @type {InstanceType<typeof GmDiff>} */ (document.createElement("gm-diff"));
    diff.data = {
      before: titled(earlier),
      after: titled(after),
      titles: [before ? `v${before.version}` : "–", `v${one.version}`],
    };
    return diff;
  }

  async function snapshot(version) {
    const found = await api.get(`${address}/revisions/${version}`, { signal: view.signal });
    return { ...found.fields, [t("visibility.whoSees")]: t(`visibility.${found.visibility ?? "gm"}`) };
  }

  function titled(fields) {
    return Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [schema.properties[name]?.title ?? name, value]),
    );
  }

  async function undo(version) {
    try {
      await api.post(`${address}/undo`, { version });
      toast(t("elements.undone"));
      changed();
    } catch (error) {
      toastProblem(error);
    }
  }
}
