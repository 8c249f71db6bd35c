// One NPC: what it is, feels, wants, remembers, and how it stands to others; all of it at any time.

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import "../elements/gm-chart.js";
import { lastUpTo } from "../elements/chart/scale.js";
import { sheet } from "../elements/sheet.js";
import { ago, number, t } from "../i18n.js";
import { day, hour, inspects, json, latest, npcLink, positionLink, section, stat, streamLink, word } from "../log.js";
import { href } from "../router.js";
import { failure } from "../states.js";
import { page, region } from "../view.js";
import { timeSlider } from "../time-slider.js";
import { whyTree } from "../why.js";
import { memoriesPart } from "../npc-memories.js";

const DIMENSIONS = ["pleasure", "arousal", "dominance"];
const MOST_CAUSES = 5;
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
  let remembered = null;
  const explain = latest(async (position) => {
    if (position === shown || !position) return;
    shown = position;
    const place = answered.querySelector(".panel-body");
    try {
      fill(place, await whyTree(view, position));
    } catch (error) {
      if (!view.signal.aborted) fill(place, failure(error));
    }
  });
  const draw = async (position) => {
    const one = position === null ? now : await api.get(path, { signal: view.signal, query: { at: position } });
    person(parts.person, one);
    wants(parts.wants, one);
    relations(parts.relations, one, view);
    mood.at = ties.at = position === null ? null : Date.parse(one.at);
    explain(explained(series, one));
    remembered?.again();
    return one.at;
  };
  const slider = await timeSlider(view, {
    label: t("npc.slider", { name: nameOf(now) }),
    key: `npc/${id}`,
    range: rangeOf(series, now),
    draw,
  });
  remembered = memoriesPart(view, path, () => slider.position);
  for (const each of [mood, ties]) each.addEventListener("at", (event) => slider.move(event.detail.position));
  view.title(nameOf(now));
  view.render(
    page(
      {
        title: nameOf(now),
        over: [
          h("a", { href: "#/world" }, t("npcs.title")),
          h("span", { class: "badge badge--accent" }, word("npc.archetypes", now.archetype)),
          now.factions.map((name) => h("span", { class: "badge" }, name)),
        ],
        lead: [h("span", { class: "mono" }, id)],
        actions: [
          h("a", { class: "button", href: href("/world/graph", {}, { npc: id }) }, t("world.graph")),
          inspects() && h("a", { class: "button", href: href("/decisions", {}, { npc: id }) }, t("decisions.title")),
        ],
        wide: true,
      },
      h("div", { class: "stuck" }, slider),
      parts.person,
      h("div", { class: "columns columns--wide gap-top" }, section(t("npc.mood"), mood), section(t("npc.ties"), ties)),
      h(
        "div",
        { class: "columns columns--wide gap-top" },
        h(
          "div",
          { class: "stack" },
          section(t("npc.relations"), parts.relations),
          section(t("npc.wants"), parts.wants),
          answered,
        ),
        section(t("npc.memories"), remembered),
      ),
      h(
        "details",
        { class: "panel fold gap-top" },
        h("summary", null, t("npc.profile")),
        h(
          "div",
          { class: "panel-body" },
          region(view, async () => json(now.personality)),
          h("p", null, streamLink(`npc/${id}`)),
        ),
      ),
    ),
  );
}

const nameOf = (one) => one.name ?? one.npc_id.replaceAll("_", " ");

function chart(data) {
  const element = document.createElement("gm-chart");
  const times = data.series.flatMap((line) => line.points.map((point) => point.x));
  element.data = { ...data, time: Math.max(...times) - Math.min(...times) > LONG ? day : hour };
  return element;
}

/** Pleasure, arousal and dominance as lines. */
function moodLines(series) {
  return {
    label: t("npc.mood"),
    range: [-1, 1],
    series: DIMENSIONS.map((name) => ({
      name: t(`npc.dimensions.${name}`),
      points: series.mood.map((point) => ({ x: Date.parse(point.at), y: point[name], position: point.position })),
    })),
  };
}

/** How it stands to those it has had most to do with. */
function tieLines(series) {
  return {
    label: t("npc.ties"),
    range: [-1, 1],
    series: series.relations.map(({ name, points }) => ({
      name,
      points: points.map((point) => ({ x: Date.parse(point.at), y: point.affection, position: point.position })),
    })),
  };
}

/** What the slider steps through: commits that moved the NPC, and what it said or decided, in another colour. */
function rangeOf(series, now) {
  const marks = series.marks.map(({ position, kind }) => ({ position, hue: kind === "said" ? 4 : 1 }));
  return { first: series.first, last: Math.max(series.last, now.position), marks };
}

/** The newest thing it said or decided up to a position, else what moved it last: that is explained. */
function explained(series, one) {
  const at = lastUpTo(series.said, one.position);
  return at < 0 ? one.changed : series.said[at];
}

function person(place, one) {
  const { primary, intensity, secondary, mood, causes } = one.emotion;
  fill(
    place,
    h(
      "div",
      { class: "stats gap-top" },
      stat(
        word("npc.emotions", primary),
        t("npc.intensity", {
          value: number(intensity, { maximumFractionDigits: 2 }),
          also: secondary.map((name) => word("npc.emotions", name)).join(", "),
        }),
      ),
      stat(word("npc.emotions", mood.label), t("npc.mood")),
      DIMENSIONS.map((name) => stat(signed(mood[name]), t(`npc.dimensions.${name}`))),
      stat(number(one.relationships.length), t("npcs.relations")),
      one.counts?.memories != null && stat(number(one.counts.memories), t("npcs.memories")),
    ),
    causes?.length > 0 &&
      h(
        "p",
        { class: "cluster faint gap-below" },
        t("npc.because"),
        causes
          .slice(0, MOST_CAUSES)
          .map((cause) =>
            h(
              "span",
              null,
              `${word("npc.emotions", cause.emotion)}: ${cause.event.replaceAll("_", " ")}${cause.target ? ` (${cause.target})` : ""} `,
              positionLink(cause.position),
            ),
          ),
      ),
  );
}

const signed = (value) =>
  number(value, { signDisplay: "exceptZero", maximumFractionDigits: 2, minimumFractionDigits: 2 });

function wants(place, one) {
  const goal = ({ goal: name, priority, progress }) =>
    h(
      "li",
      { class: "goal" },
      h("span", { class: "badge" }, number(priority)),
      h("span", { class: "grow" }, word("npc.goals", name)),
      h("span", { class: "meter", vars: { "--share": Math.max(0, Math.min(1, progress)) }, "aria-hidden": "true" }),
      h("span", { class: "num faint" }, number(progress, { style: "percent" })),
    );
  fill(
    place,
    one.goals.length
      ? h("ul", { class: "stack stack--tight" }, one.goals.map(goal))
      : h("p", { class: "faint" }, t("npc.noWants")),
  );
}

function relations(place, one) {
  fill(
    place,
    sheet({
      label: t("npc.relations"),
      columns: [
        {
          title: t("npc.other"),
          value: (row) => row.name,
          cell: (row) => (row.kind === "npc" ? npcLink(row.subject, row.name) : row.name),
        },
        { title: t("npc.levelOf"), value: (row) => row.score, cell: (row) => word("npc.levels", row.level) },
        { title: t("npc.trust"), numeric: true, value: (row) => row.trust, cell: (row) => gauge(row.trust) },
        {
          title: t("npc.affection"),
          numeric: true,
          value: (row) => row.affection,
          cell: (row) => gauge(row.affection, "exceptZero"),
        },
        {
          title: t("npc.met"),
          value: (row) => row.last_contact,
          cell: (row) => [ago(row.last_contact), " ", positionLink(row.position)],
        },
      ],
      rows: one.relationships,
      sort: { column: 1, down: true },
      empty: t("npc.noRelations"),
    }),
  );
}

/** A value up to 1, or down to -1, as a bar with its number. */
const gauge = (value, signDisplay = "auto") => [
  h("span", {
    class: value < 0 ? "score-bar score-bar--bad" : "score-bar",
    vars: { "--share": Math.abs(value) },
    "aria-hidden": "true",
  }),
  " ",
  number(value, { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay }),
];
