// Controls for lists of small records: relations between elements, monsters of an encounter.

import * as api from "../api.js";
import { fill, h, icon } from "../dom.js";
import { input } from "../field.js";
import { t } from "../i18n.js";
import { learn, named } from "../names.js";
import { combo } from "./gm-combo.js";
import { elementSuggestions } from "./gm-reference.js";

/** @param {any} property @param {any[]} value @param {{campaign: string | null, label: string, changed: () => void}} about */
export function relationRows(property, value, about) {
  let rows = value.map((one) => ({ ...one }));
  const list = h("div", { class: "record-rows" });
  const add = combo({
    label: about.label,
    placeholder: t("forms.findElement"),
    search: elementSuggestions(about.campaign ?? "", property["x-reference"] ?? []),
    pick: (one) => {
      rows.push({ to: one.value, label: "", weight: 0 });
      draw();
      about.changed();
      /** @type {HTMLElement | null} */ (list.lastElementChild?.querySelector("input"))?.focus();
    },
  });
  function draw() {
    list.hidden = !rows.length;
    fill(
      list,
      rows.map((row) => {
        const name = named(row.to)?.name ?? t("forms.unknownElement");
        const weight = h("output", { class: "num record-weight" }, String(row.weight ?? 0));
        return h(
          "div",
          { class: "record-row" },
          h("span", { class: "chip" }, icon(named(row.to)?.kind ?? "link"), name),
          input({
            value: row.label,
            maxlength: 80,
            placeholder: t("forms.relationLabel"),
            "aria-label": `${name}: ${t("forms.relationLabel")}`,
            on: { input: (event) => ((row.label = event.target.value.trim()), about.changed()) },
          }),
          h("input", {
            type: "range",
            min: -100,
            max: 100,
            step: 5,
            value: row.weight ?? 0,
            "aria-label": `${name}: ${t("forms.relationWeight")}`,
            on: {
              input: (event) => (
                (row.weight = Number(event.target.value)),
                (weight.textContent = event.target.value),
                about.changed()
              ),
            },
          }),
          weight,
          dropButton(name, () => ((rows = rows.filter((other) => other !== row)), draw(), about.changed())),
        );
      }),
    );
  }
  draw();
  learn(rows.map((row) => row.to)).then(draw);
  return {
    element: h("div", { class: "stack stack--tight", "data-control": true }, list, add),
    read: () => rows.map((row) => ({ ...row })),
    group: true,
  };
}

/** @param {any[]} value @param {{label: string, changed: () => void, ruleset?: string}} about */
export function monsterRows(value, about) {
  let rows = value.map((one) => ({ ...one }));
  const list = h("div", { class: "record-rows" });
  const put = (monster) => {
    const same = rows.find(
      (one) => (monster.key && one.key === monster.key) || (!monster.key && one.name === monster.name),
    );
    if (same) same.count = (same.count ?? 1) + 1;
    else rows.push({ count: 1, ...monster });
    draw();
    about.changed();
  };
  const add = combo({
    label: t("encounter.findMonster"),
    placeholder: t("encounter.findMonster"),
    search: (text) => monsterSuggestions(text, about.ruleset),
    pick: (one) => put(one.value),
    free: (text) => put({ key: "", name: text }),
  });
  function draw() {
    list.hidden = !rows.length;
    fill(
      list,
      rows.map((row) =>
        h(
          "div",
          { class: "record-row record-row--monster" },
          h(
            "span",
            { class: "grow" },
            h("b", null, row.name || row.key),
            row.challenge && h("span", { class: "badge" }, t("encounter.cr", { cr: row.challenge })),
          ),
          h(
            "span",
            { class: "stepper" },
            h(
              "button",
              {
                class: "button button--small button--icon",
                type: "button",
                "aria-label": t("encounter.fewer", { name: row.name }),
                disabled: (row.count ?? 1) <= 1,
                on: { click: () => ((row.count -= 1), draw(), about.changed()) },
              },
              icon("minus"),
            ),
            input({
              type: "number",
              min: 1,
              max: 100,
              value: row.count ?? 1,
              "aria-label": t("encounter.howMany", { name: row.name }),
              on: {
                change: (event) => (
                  (row.count = Math.max(1, Math.min(100, Number(event.target.value) || 1))),
                  draw(),
                  about.changed()
                ),
              },
            }),
            h(
              "button",
              {
                class: "button button--small button--icon",
                type: "button",
                "aria-label": t("encounter.more", { name: row.name }),
                on: { click: () => ((row.count = Math.min(100, (row.count ?? 1) + 1)), draw(), about.changed()) },
              },
              icon("plus"),
            ),
          ),
          dropButton(row.name, () => ((rows = rows.filter((other) => other !== row)), draw(), about.changed())),
        ),
      ),
    );
  }
  draw();
  const set = (next) => ((rows = next.map((one) => ({ ...one }))), draw());
  return {
    element: h("div", { class: "stack stack--tight", "data-control": true }, list, add),
    read: () => rows.map((row) => ({ ...row })),
    put,
    set,
    group: true,
  };
}

/** Creatures of the reference data by name. @param {string} text @param {string} [ruleset] */
export async function monsterSuggestions(text, ruleset) {
  const { results } = await api.get("/api/refdata/search", {
    query: { q: text, kind: "creature", ruleset, limit: 10 },
  });
  return results.map((one) => ({
    value: { key: one.key, name: one.name, challenge: challengeOf(one) },
    label: one.name,
    hint: challengeOf(one) ? t("encounter.cr", { cr: challengeOf(one) }) : "",
    icon: "encounter",
  }));
}

/** A creature's challenge rating in words, wherever the entry keeps it. @param {any} one */
export const challengeOf = (one) =>
  String(one.challenge ?? one.challenge_rating ?? one.fields?.challenge ?? one.fields?.challenge_rating ?? "");

const dropButton = (name, drop) =>
  h(
    "button",
    {
      class: "button button--small button--icon",
      type: "button",
      "aria-label": t("forms.removeOne", { name }),
      on: { click: drop },
    },
    icon("close"),
  );
