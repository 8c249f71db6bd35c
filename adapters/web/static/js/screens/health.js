// Is everything alive, does everything keep up, and what do models cost today?

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import { sheet } from "../elements/sheet.js";
import { number, t } from "../i18n.js";
import { dollars, duration, section, stat, word } from "../log.js";
import { failure } from "../states.js";
import { page, region } from "../view.js";

const EVERY = 3000;

/** @param {import("../view.js").View} view */
export async function show(view) {
  const top = h("div", { class: "stack" });
  view.render(
    page(
      { title: t("health.title"), lead: t("health.lead"), wide: true },
      top,
      h(
        "div",
        { class: "columns columns--wide gap-top" },
        section(
          t("health.models"),
          region(view, () => models(view)),
        ),
        section(
          t("health.budgets"),
          region(view, () => budgets(view)),
        ),
      ),
    ),
  );
  let before = null;
  const read = async () => {
    try {
      const [health, counters] = await Promise.all([condition(view), api.get("/api/status", { signal: view.signal })]);
      const now = { at: performance.now(), head: health.head, counters };
      fill(
        top,
        banner(health),
        figures(health, counters, before, now),
        lags(health),
        operations(counters, before, now),
      );
      before = now;
    } catch (error) {
      if (!view.signal.aborted) fill(top, failure(error));
    }
  };
  await read();
  const timer = setInterval(() => document.hidden || read(), EVERY);
  view.signal.addEventListener("abort", () => clearInterval(timer));
}

/** `/health` answers 503 with the same body when a part is down: that is an answer, too. */
async function condition(view) {
  try {
    return await api.get("/health", { signal: view.signal });
  } catch (error) {
    if (error.status === 503 && error.body?.parts) return error.body;
    throw error;
  }
}

function banner(health) {
  const good = health.status === "ok";
  return h(
    "div",
    { class: `note note--${good ? "good" : "bad"}`, role: "status" },
    h(
      "div",
      { class: "note-body" },
      h("b", null, t(good ? "health.good" : "health.bad")),
      h(
        "div",
        { class: "chips gap-small" },
        Object.entries(health.parts).map(([part, state]) =>
          h(
            "span",
            { class: `badge badge--${state === "ok" ? "good" : "bad"}` },
            `${word("health.parts", part)}: ${state}`,
          ),
        ),
      ),
    ),
  );
}

const sum = (counts) => Object.values(counts ?? {}).reduce((all, n) => all + n, 0);
const rate = (then, now, seconds) =>
  then == null ? "–" : number(Math.max(0, now - then) / seconds, { maximumFractionDigits: 1 });

function figures(health, counters, before, now) {
  const seconds = before ? (now.at - before.at) / 1000 : 1;
  const asked = sum(counters.operations);
  const refused = asked - (counters.codes?.["0"] ?? 0);
  return h(
    "div",
    { class: "stats" },
    stat(number(health.head), t("health.head")),
    stat(rate(before?.head, health.head, seconds), t("health.commitsRate")),
    stat(number(asked), t("health.asked")),
    stat(rate(before && sum(before.counters.operations), asked, seconds), t("health.askedRate")),
    stat(number(Math.max(0, refused)), t("health.refused")),
    stat(number(counters.in_flight ?? 0), t("health.inFlight")),
    stat(number(counters.connections ?? 0), t("health.connections")),
    stat(number(Math.max(0, ...Object.values(health.lag ?? { none: 0 }))), t("health.worstLag")),
  );
}

function lags(health) {
  const most = Math.max(1, ...Object.values(health.lag ?? {}));
  return h(
    "div",
    { class: "lags" },
    Object.entries(health.lag ?? {}).map(([name, lag]) =>
      h(
        "div",
        { class: "lag" },
        h("a", { href: "#/projections" }, name),
        h("span", {
          class: lag > 100 ? "meter meter--warn" : "meter",
          vars: { "--share": lag / most },
          "aria-hidden": "true",
        }),
        h("span", { class: "num" }, number(lag)),
      ),
    ),
  );
}

function operations(counters, before, now) {
  const seconds = before ? (now.at - before.at) / 1000 : 1;
  const rows = Object.entries(counters.operations ?? {}).map(([name, count]) => ({
    name,
    count,
    rate: before ? Math.max(0, count - (before.counters.operations?.[name] ?? 0)) / seconds : null,
  }));
  rows.sort((a, b) => b.count - a.count);
  if (!rows.length) return null;
  return h(
    "details",
    { class: "panel fold" },
    h("summary", null, t("health.operations")),
    h(
      "div",
      { class: "panel-body" },
      sheet({
        label: t("health.operations"),
        columns: [
          { title: t("health.operation"), value: (row) => row.name },
          { title: t("health.count"), numeric: true, value: (row) => row.count, cell: (row) => number(row.count) },
          {
            title: t("health.perSecond"),
            numeric: true,
            value: (row) => row.rate,
            cell: (row) => (row.rate === null ? "–" : number(row.rate, { maximumFractionDigits: 1 })),
          },
        ],
        rows,
      }),
    ),
  );
}

async function models(view) {
  const [stats, cost] = await Promise.all([
    api.get("/api/llm/stats", { signal: view.signal }),
    api.get("/api/llm/cost", { signal: view.signal, query: { by: "model" } }),
  ]);
  return h(
    "div",
    { class: "stack" },
    h(
      "div",
      { class: "stats stats--bare" },
      stat(number(stats.decisions), t("decisions.stats.decisions")),
      stat(number(stats.failed), t("decisions.stats.failed"), stats.failed ? "bad" : null),
      stat(duration(stats.latency_us?.p90), t("decisions.stats.p90")),
      stat(
        stats.template_ratio == null ? "–" : number(stats.template_ratio, { style: "percent" }),
        t("decisions.stats.templates"),
      ),
    ),
    sheet({
      label: t("decisions.costs"),
      columns: [
        { title: t("decisions.model"), value: (row) => row.model || "–" },
        {
          title: t("decisions.stats.decisions"),
          numeric: true,
          value: (row) => row.decisions,
          cell: (row) => number(row.decisions),
        },
        { title: t("decisions.cost"), numeric: true, value: (row) => row.cost, cell: (row) => dollars(row.cost) },
      ],
      rows: cost.groups,
      empty: t("decisions.none"),
    }),
  );
}

async function budgets(view) {
  const rows = await api.get("/api/llm/budgets", { signal: view.signal, query: { limit: 60 } });
  return sheet({
    label: t("health.budgets"),
    columns: [
      { title: t("health.day"), value: (row) => row.day },
      { title: t("health.agent"), value: (row) => row.agent },
      { title: t("health.spent"), numeric: true, value: (row) => row.spent, cell: (row) => dollars(row.spent) },
      {
        title: t("health.reserved"),
        numeric: true,
        value: (row) => row.reserved,
        cell: (row) => dollars(row.reserved),
      },
      { title: t("health.calls"), numeric: true, value: (row) => row.calls, cell: (row) => number(row.calls) },
    ],
    rows,
    empty: t("health.noBudgets"),
  });
}
