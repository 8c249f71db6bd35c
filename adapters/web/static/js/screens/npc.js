// One NPC: what it is, feels, wants, remembers, and how it stands to others; all of it at any time, the present as it happens.

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import { lastUpTo } from "../elements/chart/scale.js";
import { follow, followLine } from "../follow.js";
import { gently } from "../gently.js";
import { t } from "../i18n.js";
import { inspects, json, latest, section, streamLink, word } from "../log.js";
import { memoriesPart } from "../npc-memories.js";
import { chart, drawLines, moodLines, person, relations, tieLines, wants } from "../npc-portrait.js";
import { href } from "../router.js";
import { failure } from "../states.js";
import { page, region } from "../view.js";
import { timeSlider } from "../time-slider.js";
import { whyTree } from "../why.js";

/** @param {import("../view.js").View} view */
export async function show(view) {
  const id = view.params.npc;
  const path = `/api/world/npcs/${encodeURIComponent(id)}`;
  const read = (atLeast) =>
    Promise.all([
      api.get(path, { signal: view.signal, atLeast }),
      api.get(`${path}/timeline`, { signal: view.signal, atLeast, query: { points: 300 } }),
    ]);
  let [now, series] = await read(0);
  const mood = chart(moodLines(series));
  const ties = chart(tieLines(series));
  const standing = relations(now);
  const figures = h("div");
  const goals = h("div");
  const panels = {
    mood: section(t("npc.mood"), mood),
    ties: section(t("npc.ties"), ties),
    relations: section(t("npc.relations"), standing),
    wants: section(t("npc.wants"), goals),
    why: section(t("why.said"), h("p", { class: "faint" }, t("npc.noAnswer"))),
  };
  const change = Object.fromEntries(
    Object.entries({ figures, ...panels }).map(([name, panel]) => [name, gently(panel, view.signal)]),
  );
  let explains = null;
  const explain = latest(async (position) => {
    if (position === explains || !position) return;
    explains = position;
    const place = panels.why.querySelector(".panel-body");
    try {
      const tree = await whyTree(view, position);
      if (position === explains) fill(place, tree);
    } catch (error) {
      if (!view.signal.aborted) fill(place, failure(error));
    }
  });

  /** Shows a state, everything at once; what waited to be changed is about another one. */
  function draw(one) {
    for (const each of Object.values(change)) each(null);
    person(figures, one);
    wants(goals, one);
    standing.refill(one.relationships);
    explain(explained(series, one));
  }
  /** Shows what has changed since `before`, where nobody is at it. */
  function redraw(before, one) {
    const differs = (...names) => names.some((name) => JSON.stringify(before[name]) !== JSON.stringify(one[name]));
    if (differs("emotion", "counts")) change.figures(() => person(figures, one));
    if (differs("goals")) change.wants(() => wants(goals, one));
    if (differs("relationships")) change.relations(() => standing.refill(one.relationships));
    const position = explained(series, one);
    if (position !== explains) change.why(() => explain(position));
  }
  function redrawLines(before) {
    if (before.mood.at(-1)?.position !== series.mood.at(-1)?.position)
      change.mood(() => drawLines(mood, moodLines(series)));
    if (JSON.stringify(before.relations) !== JSON.stringify(series.relations))
      change.ties(() => drawLines(ties, tieLines(series)));
  }

  let slider = null;
  let remembered = null;
  slider = await timeSlider(view, {
    label: t("npc.slider", { name: nameOf(now) }),
    key: `npc/${id}`,
    range: rangeOf(series, now),
    draw: async (position) => {
      const one = position === null ? now : await api.get(path, { signal: view.signal, query: { at: position } });
      draw(one);
      mood.at = ties.at = position === null ? null : Date.parse(one.at);
      remembered?.again();
      return one.at;
    },
  });
  remembered = memoriesPart(view, path, () => slider.position);
  for (const each of [mood, ties]) each.addEventListener("at", (event) => slider.move(event.detail.position));
  panels.memories = section(t("npc.memories"), remembered);
  change.memories = gently(panels.memories, view.signal);

  const followed = follow(view, {
    topic: `npc:${id}`,
    from: Math.min(now.position, series.position),
    read: async (position) => {
      const before = [now, series];
      const [one, course] = await read(position);
      [now, series] = [one, { ...course, relations: inOrderOf(before[1].relations, course.relations) }];
      // Whoever went to the past meanwhile stays there undisturbed.
      if (slider.position !== null) return;
      slider.range = rangeOf(series, now);
      redraw(before[0], now);
      redrawLines(before[1]);
      const fresh = await remembered.fresh(position);
      if (fresh) change.memories(fresh);
    },
  });
  slider.addEventListener("at", (event) => followed.pause(event.detail.position !== null));
  followed.pause(slider.position !== null);
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
      followLine(view, followed),
      figures,
      h("div", { class: "columns columns--wide gap-top" }, panels.mood, panels.ties),
      h(
        "div",
        { class: "columns columns--wide gap-top" },
        h("div", { class: "stack" }, panels.relations, panels.wants, panels.why),
        panels.memories,
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

/** Lines keep their colours while they are looked at: those that were there first, in their order. */
const inOrderOf = (before, after) => {
  const place = (line) => {
    const found = before.findIndex((other) => other.subject === line.subject);
    return found < 0 ? before.length : found;
  };
  return [...after].sort((a, b) => place(a) - place(b));
};

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
