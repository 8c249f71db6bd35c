// What language models were asked and what became of it; filters stand in the address.

import * as api from "../api.js";
import { fill, h, icon, later } from "../dom.js";
import { decisions, FILTERS, filtersOf } from "../decision-list.js";
import "../elements/gm-table.js";
import { sheet } from "../elements/sheet.js";
import { input, select } from "../field.js";
import { number, t } from "../i18n.js";
import { clock, dollars, duration, stat, word } from "../log.js";
import { go, href, setQuery } from "../router.js";
import { failure } from "../states.js";
import { page, region } from "../view.js";

const GROUPS = ["model", "agent", "purpose", "npc", "player", "provider", "route", "day"];

/** @param {import("../view.js").View} view */
export function show(view) {
  const filters = filtersOf(view.query);
  const table = document.createElement("gm-table");
  const problem = h("div");
  const rows = decisions(filters, true);
  rows.onproblem = (error) => fill(problem, failure(error, view.reload));
  view.render(
    page(
      { title: t("decisions.title"), lead: t("decisions.lead"), wide: true },
      region(view, () => sums(view, filters), 1),
      bar(view, filters),
      problem,
      table,
      h("details", { class: "panel fold" }, h("summary", null, t("decisions.costs")), costs(view, filters)),
    ),
  );
  table.configure({
    label: t("decisions.title"),
    columns: columns(),
    source: rows,
    onopen: (row) => go(href("/decisions/:decision", { decision: row.decision_id }, filters)),
    empty: t(Object.keys(filters).length ? "decisions.noneFit" : "decisions.none"),
  });
  rows.more();
}

function columns() {
  return [
    { key: "position", title: t("feed.position"), width: "80px", numeric: true, text: (row) => number(row.position) },
    { key: "at", title: t("feed.time"), width: "188px", from: 820, text: (row) => clock(row.at) },
    { key: "purpose", title: t("decisions.purpose"), width: "minmax(110px, 1fr)" },
    {
      key: "npc_id",
      title: t("decisions.npc"),
      width: "minmax(110px, 1.4fr)",
      from: 480,
      text: (row) => row.npc_id ?? "–",
    },
    {
      key: "route",
      title: t("decisions.route"),
      width: "92px",
      draw: (cell, row) => cell.append(routeBadge(row.route)),
    },
    {
      key: "model",
      title: t("decisions.model"),
      width: "minmax(90px, 1fr)",
      from: 700,
      text: (row) => row.model || "–",
    },
    {
      key: "tokens",
      title: t("decisions.tokens"),
      width: "110px",
      numeric: true,
      from: 920,
      text: (row) => `${number(row.tokens_in)} + ${number(row.tokens_out)}`,
    },
    {
      key: "cost",
      title: t("decisions.cost"),
      width: "92px",
      numeric: true,
      from: 620,
      text: (row) => dollars(row.cost),
    },
    {
      key: "latency",
      title: t("decisions.latency"),
      width: "84px",
      numeric: true,
      from: 920,
      text: (row) => duration(row.latency),
    },
    {
      key: "verdict",
      title: t("decisions.verdict"),
      width: "100px",
      from: 560,
      draw: (cell, row) => cell.append(verdictBadge(row.verdict, row.code)),
    },
  ];
}

/** How an answer was come by. @param {string} route */
export const routeBadge = (route) =>
  h(
    "span",
    { class: `badge${{ model: " badge--accent", fallback: " badge--warn" }[route] ?? ""}` },
    word("decisions.routes", route),
  );

/** What the deciders made of it. @param {string} verdict @param {number} code */
export function verdictBadge(verdict, code) {
  if (code < 0) return h("span", { class: "badge badge--bad" }, String(code));
  return h(
    "span",
    { class: `badge${{ accepted: " badge--good", refused: " badge--bad" }[verdict] ?? ""}` },
    word("decisions.verdicts", verdict || "none"),
  );
}

async function sums(view, filters) {
  const known = ["agent", "purpose", "npc", "provider", "model", "since", "until"];
  const stats = await api.get("/api/llm/stats", {
    signal: view.signal,
    query: Object.fromEntries(Object.entries(filters).filter(([name]) => known.includes(name))),
  });
  return h(
    "div",
    { class: "stats" },
    stat(number(stats.decisions), t("decisions.stats.decisions")),
    stat(number(stats.failed), t("decisions.stats.failed"), stats.failed ? "bad" : null),
    stat(dollars(stats.cost), t("decisions.stats.cost")),
    stat(number(stats.tokens_in + stats.tokens_out), t("decisions.stats.tokens")),
    stat(duration(stats.latency_us?.p50), t("decisions.stats.p50")),
    stat(duration(stats.latency_us?.p90), t("decisions.stats.p90")),
    stat(
      stats.template_ratio == null ? "–" : number(stats.template_ratio, { style: "percent", maximumFractionDigits: 1 }),
      t("decisions.stats.templates"),
    ),
  );
}

function bar(view, filters) {
  const apply = () => {
    setQuery(Object.fromEntries(FILTERS.map((name) => [name, filters[name] || null])));
    view.reload();
  };
  const slowly = later(apply, 500);
  const text = (name) =>
    input({
      type: "search",
      class: "input input--auto",
      size: 14,
      value: filters[name] ?? "",
      placeholder: t(`decisions.filter.${name}`),
      "aria-label": t(`decisions.filter.${name}`),
      on: { input: (event) => ((filters[name] = event.target.value.trim()), slowly()) },
    });
  const route = select(
    [
      ["", t("decisions.allRoutes")],
      ...["model", "cache", "fallback", "none"].map((name) => [name, word("decisions.routes", name)]),
    ],
    {
      class: "select select--auto",
      value: filters.route ?? "",
      "aria-label": t("decisions.filter.route"),
      on: { change: () => ((filters.route = route.value), apply()) },
    },
  );
  const failed = h(
    "button",
    {
      class: "chip",
      type: "button",
      "aria-pressed": String(filters.failed === "true"),
      on: { click: () => ((filters.failed = filters.failed ? "" : "true"), apply()) },
    },
    t("decisions.filter.failed"),
  );
  return h(
    "div",
    { class: "toolbar" },
    route,
    ["purpose", "npc", "player", "model", "agent", "since", "min_cost"].map(text),
    failed,
    Object.keys(filters).length > 0 &&
      h(
        "button",
        {
          class: "button button--quiet",
          type: "button",
          on: { click: () => (FILTERS.forEach((name) => delete filters[name]), apply()) },
        },
        icon("close"),
        t("feed.clear"),
      ),
  );
}

function costs(view, filters) {
  const by = select(
    GROUPS.map((name) => [name, t(`decisions.groups.${name}`)]),
    {
      class: "select select--auto",
      value: "model",
      "aria-label": t("decisions.by"),
      on: { change: () => place.again() },
    },
  );
  const known = ["agent", "npc", "player", "model", "since", "until"];
  const place = region(view, async () => {
    const query = Object.fromEntries(Object.entries(filters).filter(([name]) => known.includes(name)));
    const { groups } = await api.get("/api/llm/cost", { signal: view.signal, query: { ...query, by: by.value } });
    return sheet({
      label: t("decisions.costs"),
      columns: [
        { title: t(`decisions.groups.${by.value}`), value: (row) => row[by.value] || row[`${by.value}_id`] || "–" },
        {
          title: t("decisions.stats.decisions"),
          numeric: true,
          value: (row) => row.decisions,
          cell: (row) => number(row.decisions),
        },
        {
          title: t("decisions.stats.failed"),
          numeric: true,
          value: (row) => row.failed,
          cell: (row) => number(row.failed),
        },
        {
          title: t("decisions.tokens"),
          numeric: true,
          value: (row) => row.tokens_in + row.tokens_out,
          cell: (row) => `${number(row.tokens_in)} + ${number(row.tokens_out)}`,
        },
        { title: t("decisions.cost"), numeric: true, value: (row) => row.cost, cell: (row) => dollars(row.cost) },
      ],
      rows: groups,
      empty: t("decisions.none"),
    });
  });
  return h(
    "div",
    { class: "panel-body stack stack--tight" },
    h("div", { class: "cluster" }, h("span", { class: "faint" }, t("decisions.by")), by),
    place,
  );
}
