// The people of the game world.

import * as api from "../api.js";
import { fill, h, later } from "../dom.js";
import "../elements/gm-table.js";
import { CursorRows } from "../elements/table/pages.js";
import { input } from "../field.js";
import { ago, number, t } from "../i18n.js";
import { word } from "../log.js";
import { go, href, setQuery } from "../router.js";
import { failure } from "../states.js";
import { page } from "../view.js";

/** @param {import("../view.js").View} view */
export function show(view) {
  const table = document.createElement("gm-table");
  const problem = h("div");
  let rows = null;
  const load = (q) => {
    rows?.end();
    rows = new CursorRows((cursor, signal) => api.get("/api/world/npcs", { signal, query: { q, cursor, limit: 100 } }));
    rows.onproblem = (error) => fill(problem, failure(error, view.reload));
    table.configure({
      label: t("npcs.title"),
      columns: columns(),
      source: rows,
      onopen: (row) => go(href("/world/npc/:npc", { npc: row.npc_id })),
      empty: t(q ? "npcs.noneFit" : "npcs.none"),
    });
    rows.more();
  };
  const search = input({
    type: "search",
    value: view.query.get("q") ?? "",
    placeholder: t("npcs.search"),
    "aria-label": t("npcs.search"),
    on: { input: later(() => (setQuery({ q: search.value.trim() }), load(search.value.trim())), 250) },
  });
  view.signal.addEventListener("abort", () => rows?.end());
  view.render(
    page(
      {
        title: t("npcs.title"),
        lead: t("npcs.lead"),
        actions: [h("a", { class: "button", href: "#/world/graph" }, t("world.graph"))],
        wide: true,
      },
      h("div", { class: "toolbar" }, search),
      problem,
      table,
    ),
  );
  load(search.value);
}

function columns() {
  return [
    {
      key: "npc_id",
      title: t("npcs.name"),
      width: "minmax(140px, 1.6fr)",
      draw: (cell, row) => cell.append(h("b", null, row.npc_id)),
    },
    {
      key: "archetype",
      title: t("npcs.archetype"),
      width: "minmax(90px, 1fr)",
      text: (row) => word("npc.archetypes", row.archetype),
    },
    {
      key: "emotion",
      title: t("npcs.emotion"),
      width: "minmax(90px, 1fr)",
      from: 480,
      text: (row) => word("npc.emotions", row.emotion),
    },
    { key: "map", title: t("npcs.place"), width: "minmax(90px, 1fr)", from: 640, text: (row) => row.map || "–" },
    {
      key: "relationships",
      title: t("npcs.relations"),
      width: "96px",
      numeric: true,
      from: 760,
      text: (row) => number(row.counts.relationships),
    },
    {
      key: "memories",
      title: t("npcs.memories"),
      width: "96px",
      numeric: true,
      from: 760,
      text: (row) => number(row.counts.memories),
    },
    { key: "changed_at", title: t("npcs.changed"), width: "130px", from: 560, text: (row) => ago(row.changed_at) },
  ];
}
