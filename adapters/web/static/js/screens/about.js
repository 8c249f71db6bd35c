// About this program: what it is, whose words the reference data are, under which licences.

import * as api from "../api.js";
import { h } from "../dom.js";
import { number, t, tOr } from "../i18n.js";
import { note } from "../states.js";
import { page, region } from "../view.js";

/** @param {import("../view.js").View} view */
export function show(view) {
  view.render(
    page(
      { title: t("about.title"), lead: t("about.lead") },
      h(
        "section",
        null,
        h("div", { class: "section-head section-head--first" }, h("h2", null, t("about.program"))),
        region(view, () => program(view), 2),
      ),
      h(
        "section",
        null,
        h("div", { class: "section-head" }, h("h2", null, t("about.reference"))),
        region(view, () => reference(view), 4),
      ),
    ),
  );
}

async function program(view) {
  const about = await api.get("/", { signal: view.signal });
  return h(
    "dl",
    { class: "facts" },
    h("dt", null, t("about.version")),
    h("dd", null, `${about.service} ${about.version}`),
    h("dt", null, t("about.realm")),
    h("dd", null, about.realm),
    h("dt", null, t("about.licence")),
    h("dd", null, "Apache License 2.0"),
  );
}

async function reference(view) {
  const found = await api.get("/api/refdata", { signal: view.signal });
  const counts = Object.entries(found.entries).filter(([, n]) => n);
  return [
    found.sample && note("info", h("p", null, t("about.sample"), " ", h("code", null, "lorestream refdata import"))),
    h(
      "p",
      { class: "figures" },
      counts.map(([kind, n]) =>
        h("span", { class: "stat" }, h("b", null, number(n)), h("span", null, tOr(`about.entries.${kind}`, kind))),
      ),
    ),
    h(
      "div",
      { class: "stack" },
      found.documents.map((one) =>
        h(
          "article",
          { class: "panel" },
          h("header", null, h("h3", null, one.title), h("span", { class: "badge" }, one.licence)),
          h(
            "div",
            { class: "panel-body" },
            h("p", { class: "prose" }, one.attribution),
            h("p", { class: "faint small" }, t("home.rules", { ruleset: one.ruleset }), one.url ? ` · ${one.url}` : ""),
          ),
        ),
      ),
    ),
  ];
}
