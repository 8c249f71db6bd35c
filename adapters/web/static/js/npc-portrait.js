// What an NPC is, feels and wants, and how it stands to others, drawn from what the API tells of it.

import { fill, h } from "./dom.js";
import "./elements/gm-chart.js";
import { sheet } from "./elements/sheet.js";
import { ago, number, t } from "./i18n.js";
import { day, hour, npcLink, positionLink, stat, word } from "./log.js";

const DIMENSIONS = ["pleasure", "arousal", "dominance"];
const MOST_CAUSES = 5;
const LONG = 18 * 3600 * 1000;

/** A chart of lines. @param {ReturnType<typeof moodLines>} data */
export function chart(data) {
  const element = /** @type {any} */ (document.createElement("gm-chart"));
  drawLines(element, data);
  return element;
}

/** Gives a chart other lines. @param {any} element @param {ReturnType<typeof moodLines>} data */
export function drawLines(element, data) {
  const times = data.series.flatMap((line) => line.points.map((point) => point.x));
  element.data = { ...data, time: Math.max(...times) - Math.min(...times) > LONG ? day : hour };
}

/** Pleasure, arousal and dominance as lines. */
export function moodLines(series) {
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
export function tieLines(series) {
  return {
    label: t("npc.ties"),
    range: [-1, 1],
    series: series.relations.map(({ name, points }) => ({
      name,
      points: points.map((point) => ({ x: Date.parse(point.at), y: point.affection, position: point.position })),
    })),
  };
}

/** What it feels and why, in figures. @param {Element} place @param {any} one */
export function person(place, one) {
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

/** Its goals. @param {Element} place @param {any} one */
export function wants(place, one) {
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

/** How it stands to everybody it met, as a table that can be given other rows. @param {any} one */
export const relations = (one) =>
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
  });

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
