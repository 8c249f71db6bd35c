// A campaign as it was: its elements, people and sessions at any moment, and what has changed since.

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import { campaignMarks } from "../campaign-marks.js";
import { sheet } from "../elements/sheet.js";
import { number, t } from "../i18n.js";
import { clock, section, stat, word } from "../log.js";
import { href } from "../router.js";
import { page } from "../view.js";
import { timeSlider } from "../time-slider.js";
import { forkButton, mayFork } from "./fork.js";

/** @param {import("../view.js").View} view */
export async function show(view) {
  const { campaign } = view.params;
  const path = `/api/campaigns/${encodeURIComponent(campaign)}/at`;
  const parts = { sums: h("div"), elements: h("div"), changed: h("div"), sessions: h("div") };
  const range = await campaignMarks(view);
  const [now, first] = [await api.get(path, { signal: view.signal }), range.marks[0]];
  const draw = async (position) => {
    const then = position === null ? now : await api.get(path, { signal: view.signal, query: { position } });
    sums(parts.sums, then);
    elements(parts.elements, then, campaign, position);
    changed(parts.changed, then, now, position, campaign, range.changes);
    sessions(parts.sessions, then);
    return then.at ?? range.timeOf(position);
  };
  const slider = /** @type {any} */ (await timeSlider(view, { label: t("past.title"), key: `campaign/${campaign}`, range, draw }));
  view.render(
    page(
      {
        title: t("past.title"),
        lead: first ? t("past.lead", { n: range.marks.length, since: clock(first.at) }) : t("past.nothing"),
        wide: true,
        actions: [first && mayFork(view.campaign) && forkButton(view.campaign, () => slider.position)],
      },
      h("div", { class: "stuck" }, slider),
      parts.sums,
      h(
        "div",
        { class: "columns columns--wide gap-top" },
        section(t("past.elements"), parts.elements),
        h(
          "div",
          { class: "stack" },
          section(t("past.changed"), parts.changed),
          section(t("past.sessions"), parts.sessions),
        ),
      ),
    ),
  );
}

function sums(place, then) {
  const counts = {};
  for (const element of then.elements) counts[element.kind] = (counts[element.kind] ?? 0) + 1;
  fill(
    place,
    h(
      "div",
      { class: "stats gap-top" },
      Object.entries(counts).map(([kind, n]) => stat(number(n), word("kindsMany", kind))),
      stat(number(then.members?.length ?? 0), t("past.members")),
      stat(number(then.sessions?.length ?? 0), t("past.sessions")),
    ),
  );
}

function elements(place, then, campaign, at) {
  fill(
    place,
    sheet({
      label: t("past.elements"),
      columns: [
        {
          title: t("past.name"),
          value: (row) => row.name,
          cell: (row) =>
            h("a", { href: href("/c/:campaign/e/:element", { campaign, element: row.element_id }, { at }) }, row.name),
        },
        { title: t("past.kind"), value: (row) => word("kinds", row.kind) },
        { title: "v", numeric: true, value: (row) => row.version, cell: (row) => number(row.version) },
        { title: t("past.set"), value: (row) => row.changed_at, cell: (row) => clock(row.changed_at) },
      ],
      rows: then.elements,
      sort: { column: 0, down: false },
      empty: t("past.noneThen"),
    }),
  );
}

/** Between then and now: what is new, gone or at another version; in the present, the newest changes. */
function changed(place, then, now, position, campaign, changes) {
  const link = (element, text) => h("a", { href: href("/c/:campaign/e/:element", { campaign, element }) }, text);
  if (position === null) {
    const newest = changes.slice(-30).reverse();
    return fill(
      place,
      newest.length
        ? h(
            "ul",
            { class: "stack stack--tight" },
            newest.map((change) =>
              h(
                "li",
                { class: "cluster" },
                h("span", { class: "faint num" }, clock(change.at)),
                change.element_id ? link(change.element_id, change.name || t("past.unnamed")) : change.name,
                h(
                  "span",
                  { class: "faint" },
                  word("changes", change.what.replace(".", "_")),
                  change.fields?.length ? `: ${change.fields.join(", ")}` : "",
                ),
              ),
            ),
          )
        : h("p", { class: "faint" }, t("past.nothing")),
    );
  }
  const before = new Map(then.elements.map((element) => [element.element_id, element]));
  const after = new Map(now.elements.map((element) => [element.element_id, element]));
  const lines = [
    ...now.elements.filter((element) => !before.has(element.element_id)).map((element) => ["added", element, ""]),
    ...then.elements.filter((element) => !after.has(element.element_id)).map((element) => ["removed", element, ""]),
    ...now.elements
      .filter((element) => before.has(element.element_id) && before.get(element.element_id).version !== element.version)
      .map((element) => ["changed", element, `v${before.get(element.element_id).version} → v${element.version}`]),
  ];
  fill(
    place,
    h("p", { class: "faint" }, t("past.since", { n: lines.length })),
    h(
      "ul",
      { class: "stack stack--tight" },
      lines.map(([kind, element, versions]) =>
        h(
          "li",
          { class: `cluster gd-sign gd-${kind}` },
          h("span", { class: "visually-hidden" }, t(`diff.${kind}`)),
          link(element.element_id, element.name),
          h("span", { class: "faint" }, word("kinds", element.kind), " ", versions),
        ),
      ),
    ),
  );
}

function sessions(place, then) {
  const list = then.sessions ?? [];
  fill(
    place,
    list.length
      ? h(
          "ol",
          { class: "stack stack--tight" },
          list.map((one) =>
            h(
              "li",
              null,
              h("b", null, `${number(one.number)} ${one.title ?? ""}`),
              " ",
              h(
                "span",
                { class: "faint" },
                `${clock(one.started_at)}${one.ended_at ? ` – ${clock(one.ended_at)}` : ""}`,
              ),
              one.recap && h("p", null, one.recap),
            ),
          ),
        )
      : h("p", { class: "faint" }, t("past.noSessions")),
  );
}
