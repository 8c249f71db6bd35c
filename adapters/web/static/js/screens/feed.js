// Every event of the log as it comes: filters, jumps to any position or time, and the whole commit beside it.

import * as api from "../api.js";
import { fill, h, icon, later, s } from "../dom.js";
import "../elements/gm-table.js";
import { CursorRows, LogRows } from "../elements/table/pages.js";
import { input, select } from "../field.js";
import { number, t } from "../i18n.js";
import { clock, eventType } from "../log.js";
import { setQuery } from "../router.js";
import { subscribe } from "../socket.js";
import { failure } from "../states.js";
import { page, region } from "../view.js";
import { commitDetail } from "./event.js";

const FILTERS = ["category", "type", "stream", "prefix", "actor", "correlation", "since", "until"];
const CATEGORIES = [
  "npc",
  "request",
  "decision",
  "world",
  "faction",
  "campaign",
  "element",
  "proposal",
  "chat",
  "dice",
  "account",
  "operator",
];
const SUMMARY_EVERY = 10_000;

/** @param {import("../view.js").View} view */
export async function show(view) {
  const span = await api.get("/api/feed/span", { signal: view.signal });
  const filters = Object.fromEntries(FILTERS.map((name) => [name, view.query.get(name) ?? ""]));
  const filtered = FILTERS.some((name) => filters[name]);
  const table = document.createElement("gm-table");
  const detail = h("aside", {
    class: "split-side panel",
    "aria-label": t("feed.detail"),
    hidden: true,
    on: { keydown: (event) => event.key === "Escape" && close() },
  });
  const problem = h("div");
  const spoken = h("p", { class: "visually-hidden", role: "status" });
  const source = filtered
    ? cursorRows(view, filters)
    : new LogRows((from, limit, signal) => rows(from, limit, signal), span);
  source.onproblem = (error) => fill(problem, error && failure(error, view.reload));
  view.signal.addEventListener("abort", () => source.end());

  const follow = h("button", {
    class: "button",
    type: "button",
    "aria-pressed": "false",
    on: { click: () => pause(!table.paused) },
  });
  function pause(value) {
    table.paused = value;
    follow.setAttribute("aria-pressed", String(value));
    fill(follow, icon(value ? "play" : "pause"), t(value ? "feed.resume" : "feed.pause"));
  }

  function open(position) {
    setQuery({ at: position });
    detail.hidden = false;
    fill(
      detail,
      h(
        "header",
        null,
        h("h2", null, t("event.at", { position })),
        h(
          "button",
          { class: "button button--icon", type: "button", "aria-label": t("actions.close"), on: { click: close } },
          icon("close"),
        ),
      ),
      h(
        "div",
        { class: "panel-body" },
        region(view, () => commitDetail(view, position, true), 6),
      ),
    );
  }
  function close() {
    detail.hidden = true;
    setQuery({ at: null });
    table.grid.focus();
  }

  async function jump(wish) {
    fill(problem);
    if (!wish) return;
    try {
      const position = /^[\d\s.,]+$/.test(wish) ? Number(wish.replace(/[^\d]/g, "")) : await positionOf(wish, view);
      if (filtered) return (setQuery({ at: position }), view.reload());
      pause(true);
      table.show(source.indexOf(position));
      open(position);
    } catch (error) {
      if (!view.signal.aborted) fill(problem, failure(error));
    }
  }

  view.render(
    page(
      {
        title: t("feed.title"),
        lead: span.count ? t("feed.lead", { n: span.count, since: clock(span.first_at) }) : t("feed.nothing"),
        actions: [follow],
        wide: true,
      },
      density(view, jump),
      filterBar(view, filters, jump),
      problem,
      h("div", { class: "split" }, table, detail),
      spoken,
    ),
  );
  pause(false);
  table.configure({
    label: t("feed.title"),
    columns: columns(),
    source,
    onopen: (row) => open(row.position),
    empty: t(filtered ? "feed.noneFit" : "feed.nothing"),
  });
  const at = Number(view.query.get("at"));
  if (filtered) source.more();
  else if (at) table.show(source.indexOf(at));
  if (at) open(at);
  live(view, filters, filtered, source, spoken);
}

const rows = async (from, limit, signal) => (await api.get("/api/feed/rows", { signal, query: { from, limit } })).items;

function cursorRows(view, filters) {
  const at = view.query.get("at");
  const page = (query, signal) => api.get("/api/feed", { signal, query: { ...filters, limit: 100, ...query } });
  return new CursorRows(
    (cursor, signal) => page(cursor === null && at ? { around: at } : { cursor }, signal),
    async (newest, signal) =>
      (await page({ direction: "newer", cursor: `${newest.position}.${newest.index}`, limit: 1000 }, signal)).items,
  );
}

async function positionOf(time, view) {
  const { position } = await api.get("/api/feed/place", { signal: view.signal, query: { at: time } });
  if (!position) throw new api.Problem(404, { told: t("feed.nothingThere") });
  return position;
}

function columns() {
  return [
    { key: "position", title: t("feed.position"), width: "88px", numeric: true, text: (row) => number(row.position) },
    { key: "at", title: t("feed.time"), width: "188px", from: 560, text: (row) => clock(row.at) },
    {
      key: "type",
      title: t("feed.type"),
      width: "minmax(150px, 220px)",
      draw: (cell, row) => cell.append(row.gap ? t("feed.gap") : eventType(row.type, (row.events?.length ?? 1) - 1)),
    },
    { key: "stream", title: t("feed.stream"), width: "minmax(120px, 1fr)", from: 440 },
    { key: "actor", title: t("feed.actor"), width: "minmax(100px, 170px)", from: 900 },
    { key: "summary", title: t("feed.summary"), width: "minmax(140px, 2fr)", from: 700 },
  ];
}

function live(view, filters, filtered, source, spoken) {
  let unsaid = 0;
  const heard = (message) => {
    if (message.type === "subscribed" || message.type === "lagging") source.catchUp(message.head).catch(() => {});
    if (message.type !== "events") return;
    source.receive(message.items, message.head);
    unsaid += message.items.length;
  };
  // The socket knows no times: what comes now is neither before nor after.
  const { since: _since, until, ...wanted } = filters;
  if (!until)
    subscribe("feed", heard, {
      signal: view.signal,
      filters: Object.fromEntries(Object.entries(wanted).filter(([, value]) => value)),
    });
  // A screen reader hears one sentence every ten seconds, not every row.
  const timer = setInterval(() => {
    if (unsaid) spoken.textContent = t("feed.heard", { n: unsaid });
    unsaid = 0;
  }, SUMMARY_EVERY);
  view.signal.addEventListener("abort", () => clearInterval(timer));
}

function filterBar(view, filters, jump) {
  const apply = () => {
    setQuery({ ...filters, at: null });
    view.reload();
  };
  const slowly = later(apply, 500);
  const text = (name, placeholder) =>
    input({
      type: "search",
      class: "input input--auto",
      value: filters[name],
      placeholder,
      "aria-label": placeholder,
      on: { input: (event) => ((filters[name] = event.target.value.trim()), slowly()) },
    });
  const category = select([["", t("feed.allCategories")], ...CATEGORIES.map((name) => [name, name])], {
    class: "select select--auto",
    value: filters.category,
    "aria-label": t("feed.filter.category"),
    on: { change: () => ((filters.category = category.value), apply()) },
  });
  const where = input({
    class: "input input--auto",
    placeholder: t("feed.jumpHint"),
    "aria-label": t("feed.jump"),
    size: 18,
  });
  const go = (event) => {
    event.preventDefault();
    jump(where.value.trim());
  };
  const any = FILTERS.some((name) => filters[name]);
  return h(
    "div",
    { class: "toolbar" },
    category,
    text("type", t("feed.filter.type")),
    text("prefix", t("feed.filter.stream")),
    text("actor", t("feed.filter.actor")),
    filters.stream && h("span", { class: "chip" }, filters.stream),
    filters.correlation && h("span", { class: "chip" }, t("feed.filter.correlation"), " ", filters.correlation),
    filters.since && h("span", { class: "chip" }, t("feed.filter.since"), " ", filters.since),
    filters.until && h("span", { class: "chip" }, t("feed.filter.until"), " ", filters.until),
    any &&
      h(
        "button",
        {
          class: "button button--quiet",
          type: "button",
          on: {
            click: () => (setQuery(Object.fromEntries([...FILTERS, "at"].map((name) => [name, null]))), view.reload()),
          },
        },
        icon("close"),
        t("feed.clear"),
      ),
    h("span", { class: "grow" }),
    h(
      "form",
      { class: "cluster", on: { submit: go } },
      where,
      h("button", { class: "button", type: "submit" }, t("feed.go")),
    ),
  );
}

/** How busy the log was when; a click jumps there. */
function density(view, jump) {
  const strip = s("svg", {
    class: "density",
    viewBox: "0 0 1000 36",
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  const ends = h("p", { class: "density-ends faint small" });
  const box = h("div", { class: "density-box" }, strip, ends);
  api
    .get("/api/feed/density", { signal: view.signal, query: { buckets: 160 } })
    .then(({ buckets }) => {
      if (buckets.length < 2) return box.remove();
      const most = Math.max(...buckets.map((bucket) => bucket.count));
      const width = 1000 / buckets.length;
      buckets.forEach((bucket, i) => {
        const height = bucket.count ? 3 + 33 * Math.sqrt(bucket.count / most) : 0;
        const bar = s(
          "g",
          { class: "density-part", on: { click: () => jump(String(bucket.position)) } },
          s("rect", { class: "density-room", x: i * width, y: 0, width, height: 36 }),
          s("rect", { class: "density-bar", x: i * width + 0.6, y: 36 - height, width: width - 1.2, height }),
        );
        bar.append(s("title", null, `${clock(bucket.at)}: ${number(bucket.count)}`));
        strip.append(bar);
      });
      fill(
        ends,
        h("span", null, clock(buckets[0].at)),
        h("span", null, t("feed.density")),
        h("span", null, clock(buckets.at(-1).at)),
      );
    })
    .catch(() => box.remove());
  return box;
}
