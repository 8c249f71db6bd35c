// A stream folded into its state, at any position, and what changed since another.

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import "../elements/gm-diff.js";
import { sheet } from "../elements/sheet.js";
import { number, t } from "../i18n.js";
import { clock, eventType, hueOf, json, positionLink, section } from "../log.js";
import { page } from "../view.js";
import { timeSlider } from "../time-slider.js";

/** @param {import("../view.js").View} view */
export async function show(view) {
  const { category, id } = view.params;
  const stream = `${category}/${id}`;
  const path = `/api/streams/${encodeURIComponent(category)}/${encodeURIComponent(id)}`;
  view.title(stream);
  const [span, events] = await Promise.all([
    api.get("/api/feed/span", { signal: view.signal }),
    eventsOf(view, stream),
  ]);
  const state = h("div");
  const changed = h("div");
  /** The state without the last commit: of the first one, nothing. */
  const stateBefore = async ({ version, position }) =>
    version < 2 ? {} : (await api.get(path, { signal: view.signal, query: { at: position - 1 } })).state;
  const compare = h("input", {
    type: "checkbox",
    on: { change: () => timeline.dispatchEvent(new CustomEvent("at", { detail: { position: timeline.position } })) },
  });
  const draw = async (position) => {
    const found = await api.get(path, { signal: view.signal, query: { at: position } });
    fill(state, json(found.state));
    const diff = document.createElement("gm-diff");
    if (compare.checked) {
      const now = await api.get(path, { signal: view.signal });
      diff.data = { before: found.state, after: now.state, titles: [t("stream.then"), t("stream.now")] };
    } else diff.data = { before: await stateBefore(found), after: found.state };
    fill(changed, diff);
    return found.at;
  };
  const marks = events.map((event) => ({ position: event.position, hue: hueOf(event.type) }));
  const timeline = await timeSlider(view, {
    label: stream,
    key: stream,
    range: { first: marks[0]?.position ?? span.first, last: span.last, marks },
    draw,
  });
  view.render(
    page(
      { title: id, over: category, lead: t("stream.lead", { n: events.length }), wide: true },
      timeline,
      h(
        "div",
        { class: "columns columns--wide gap-top" },
        section(t("stream.state"), state),
        h(
          "div",
          { class: "stack" },
          section(t("stream.changed"), h("label", { class: "check" }, compare, t("stream.compare")), changed),
          section(
            t("stream.events"),
            sheet({
              label: t("stream.events"),
              columns: [
                {
                  title: t("feed.position"),
                  numeric: true,
                  value: (row) => row.position,
                  cell: (row) => positionLink(row.position),
                },
                { title: t("feed.time"), value: (row) => row.at, cell: (row) => clock(row.at) },
                { title: t("feed.type"), value: (row) => row.type, cell: (row) => eventType(row.type) },
                { title: "v", numeric: true, value: (row) => row.version, cell: (row) => number(row.version) },
              ],
              rows: [...events].reverse(),
            }),
          ),
        ),
      ),
    ),
  );
}

/** The newest 1,000 events of a stream, oldest first. */
async function eventsOf(view, stream) {
  const { items } = await api.get("/api/feed", { signal: view.signal, query: { stream, limit: 1000 } });
  return items.reverse();
}
