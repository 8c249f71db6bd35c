// One NPC: what it is, feels, wants, remembers, and how it stands to others; all of it at any time.

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import "../elements/gm-chart.js";
import { sheet } from "../elements/sheet.js";
import { ago, number, t } from "../i18n.js";
import { clock, day, hour, json, latest, positionLink, section, stat, streamLink, word } from "../log.js";
import { href } from "../router.js";
import { page, region } from "../view.js";
import { timeSlider } from "../time-slider.js";
import { whyTree } from "../why.js";
import { memoriesPart } from "../npc-memories.js";

const DIMENSIONS = ["pleasure", "arousal", "dominance"];
const MOST_LINES = 8;
const LONG = 18 * 3600 * 1000;

/** @param {import("../view.js").View} view */
export async function show(view) {
  const id = view.params.npc;
  const path = `/api/world/npcs/${encodeURIComponent(id)}`;
  const [now, series] = await Promise.all([
    api.get(path, { signal: view.signal }),
    api.get(`${path}/timeline`, { signal: view.signal, query: { points: 300 } }),
  ]);
  const parts = { person: h("div"), wants: h("div"), relations: h("div") };
  const mood = chart(moodLines(series));
  const ties = chart(tieLines(series));
  const answered = section(t("why.said"), h("p", { class: "faint" }, t("npc.noAnswer")));
  let shown = null;
  const explain = latest(async (at) => {
    const position = lastSaid(series, at) ?? at;
    if (position === shown || !position) return;
    shown = position;
    fill(answered.querySelector(".panel-body"), await whyTree(view, position));
  });
  const draw = async (position) => {
    const one = position === null ? now : await api.get(path, { signal: view.signal, query: { at: position } });
    person(parts.person, one);
    wants(parts.wants, one);
    relations(parts.relations, one, view);
    const at = one.at ?? one.felt_at ?? null;
    mood.at = ties.at = position === null ? null : Date.parse(at);
    explain(position ?? now.position ?? series.last ?? null);
    return at;
  };
  const slider = await timeSlider(view, { label: t("npc.slider", { name: nameOf(now) }), key: `npc/${id}`, range: rangeOf(series, now), draw });
  for (const each of [mood, ties]) each.addEventListener("at", (event) => slider.move(event.detail.position));
  view.title(nameOf(now));
  view.render(
    page(
      {
        title: nameOf(now),
        over: [h("a", { href: "#/world" }, t("npcs.title")), now.profile?.archetype && h("span", { class: "badge badge--accent" }, word("npc.archetypes", now.profile.archetype))],
        lead: [h("span", { class: "mono" }, id)],
        actions: [h("a", { class: "button", href: href("/world/graph", {}, { npc: id }) }, t("world.graph")), h("a", { class: "button", href: href("/decisions", {}, { npc: id }) }, t("decisions.title"))],
        wide: true,
      },
      h("div", { class: "stuck" }, slider),
      parts.person,
      h("div", { class: "columns columns--wide gap-top" }, section(t("npc.mood"), mood), section(t("npc.ties"), ties)),
      h(
        "div",
        { class: "columns columns--wide gap-top" },
        h("div", { class: "stack" }, section(t("npc.relations"), parts.relations), section(t("npc.wants"), parts.wants), answered),
        section(t("npc.memories"), memoriesPart(view, path, () => slider.position)),
      ),
      h("details", { class: "panel fold gap-top" }, h("summary", null, t("npc.profile")), h("div", { class: "panel-body" }, region(view, async () => json(now.profile)), h("p", null, streamLink(`npc/${id}`)))),
    ),
  );
}

const nameOf = (one) => one.profile?.name ?? one.name ?? one.npc_id;

function chart(data) {
  const element = document.createElement("gm-chart");
  const times = data.series.flatMap((line) => line.points.map((point) => point.x));
  element.data = { ...data, time: Math.max(...times) - Math.min(...times) > LONG ? day : hour };
  return element;
}

/** Pleasure, arousal and dominance as lines. */
function moodLines(series) {
  const points = series.mood ?? [];
  return {
    label: t("npc.mood"),
    range: [-1, 1],
    series: DIMENSIONS.map((name) => ({ name: t(`npc.dimensions.${name}`), points: points.map((point) => ({ x: Date.parse(point.at), y: point[name], position: point.position })) })),
  };
}

/** Affection towards those it has most to do with. */
function tieLines(series) {
  const relations = Array.isArray(series.relations) ? series.relations : Object.entries(series.relations ?? {}).map(([subject, points]) => ({ subject, points }));
  const most = [...relations].sort((a, b) => b.points.length - a.points.length).slice(0, MOST_LINES);
  return {
    label: t("npc.ties"),
    range: [-1, 1],
    series: most.map(({ subject, name, points }) => ({ name: name ?? subject, points: points.map((point) => ({ x: Date.parse(point.at), y: point.affection, position: point.position })) })),
  };
}

/** The positions the slider steps through: what happened to the NPC. */
function rangeOf(series, now) {
  const hues = { mood: 1, said: 4, relation: 2 };
  const marks = (series.marks ?? series.mood ?? []).map((mark) => ({ position: mark.position, hue: hues[mark.kind] ?? 1 }));
  const last = Math.max(now.head ?? 0, now.position ?? 0, series.last ?? 0, marks.at(-1)?.position ?? 0);
  return { first: marks[0]?.position ?? series.first ?? 1, last, marks };
}

/** The newest position up to `at` where the NPC did something that can be explained. */
function lastSaid(series, at) {
  const said = (series.said ?? series.marks ?? series.mood ?? []).map((mark) => mark.position ?? mark);
  return said.filter((position) => at === null || position <= at).at(-1) ?? null;
}

function person(place, one) {
  const feeling = one.emotion ?? {};
  const mood = one.mood ?? {};
  fill(
    place,
    h(
      "div",
      { class: "stats gap-top" },
      stat(word("npc.emotions", feeling.primary ?? feeling.name ?? "–"), feeling.intensity == null ? t("npc.emotion") : t("npc.intensity", { value: feeling.intensity })),
      DIMENSIONS.map((name) => stat(signed(mood[name]), t(`npc.dimensions.${name}`))),
      stat(number(one.counts?.memories ?? 0), t("npcs.memories")),
      stat(number(one.counts?.relationships ?? one.relationships?.length ?? 0), t("npcs.relations")),
      one.profile?.level != null && stat(number(one.profile.level), t("npc.level")),
    ),
    feeling.cause && h("p", { class: "faint" }, t("npc.because", { cause: feeling.cause })),
  );
}

const signed = (value) => (value == null ? "–" : number(value, { signDisplay: "exceptZero", maximumFractionDigits: 2, minimumFractionDigits: 2 }));

function wants(place, one) {
  const goals = one.goals ?? [];
  fill(
    place,
    goals.length
      ? h(
          "ul",
          { class: "stack stack--tight" },
          goals.map((goal) => {
            const progress = goal.progress ?? 0;
            return h("li", { class: "goal" }, h("span", { class: "grow" }, word("npc.goals", goal.id ?? goal.goal ?? goal.name ?? goal)), goal.priority != null && h("span", { class: "badge" }, word("npc.priorities", goal.priority)), h("span", { class: "meter", vars: { "--share": Math.max(0, Math.min(1, progress)) }, "aria-hidden": "true" }), h("span", { class: "num faint" }, number(progress, { style: "percent" })));
          }),
        )
      : h("p", { class: "faint" }, t("npc.noWants")),
  );
}

function relations(place, one) {
  const rows = one.relationships ?? [];
  fill(
    place,
    sheet({
      label: t("npc.relations"),
      columns: [
        { title: t("npc.other"), value: (row) => row.name ?? row.subject, cell: (row) => (row.kind === "npc" ? h("a", { href: href("/world/npc/:npc", { npc: row.subject }) }, row.name ?? row.subject) : (row.name ?? row.subject)) },
        { title: t("npc.levelOf"), value: (row) => row.level, cell: (row) => word("npc.levels", row.level) },
        { title: t("npc.trust"), numeric: true, value: (row) => row.trust, cell: (row) => gauge(row.trust, 0) },
        { title: t("npc.affection"), numeric: true, value: (row) => row.affection, cell: (row) => gauge(row.affection, -1) },
        { title: t("npc.met"), value: (row) => row.at ?? row.changed_at, cell: (row) => [ago(row.at ?? row.changed_at), " ", row.position && positionLink(row.position)] },
      ],
      rows,
      sort: { column: 3, down: true },
      empty: t("npc.noRelations"),
    }),
  );
}

/** A value from `low` to 1 as a bar with its number. */
function gauge(value, low) {
  if (value == null) return "–";
  return [h("span", { class: value < 0 ? "score-bar score-bar--bad" : "score-bar", vars: { "--share": Math.abs(value) }, "aria-hidden": "true" }), " ", number(value, { maximumFractionDigits: 2, minimumFractionDigits: 2, signDisplay: low < 0 ? "exceptZero" : "auto" })];
}
