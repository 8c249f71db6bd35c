// One control per `x-widget` of a form's JSON Schema.

import { fill, h, icon } from "../dom.js";
import { input, select, textarea } from "../field.js";
import { number, t } from "../i18n.js";
import { monsterRows, relationRows } from "./gm-rows.js";
import { markdownEditor } from "./gm-markdown.js";
import { referencePicker } from "./gm-reference.js";

/**
 * @typedef {object} Widget
 * @property {HTMLElement} element
 * @property {() => any} read the value as the API takes it; null when empty
 * @property {boolean} [group] several controls that are named together
 * @property {boolean} [bare] it names itself
 * @property {string} [hint] how to fill it in
 */

/**
 * The control for a property.
 *
 * @param {any} property the property's JSON Schema
 * @param {any} value
 * @param {{campaign: string | null, label: string, required: boolean, changed: () => void}} about
 * @returns {Widget}
 */
export function widget(property, value, about) {
  return (WIDGETS[property["x-widget"]] ?? WIDGETS.text)(property, value, about);
}

const or = (value, empty) => (value === "" || value === undefined ? empty : value);

const WIDGETS = {
  text: (property, value, { required, changed }) => {
    const element = input({ value, required, maxlength: property.maxLength, on: { input: changed } });
    return { element, read: () => or(element.value.trim(), null) };
  },
  markdown: (_, value, { campaign, label, changed }) => {
    const element = markdownEditor({ campaign, label, value: value ?? "", changed });
    return { element, read: () => or(element.value, null) };
  },
  number: (property, value, { changed }) => {
    const element = input({
      type: "number",
      min: property.minimum,
      max: property.maximum,
      step: 1,
      value,
      class: "input input--number",
      on: { input: changed },
    });
    return { element, read: () => (element.value === "" ? null : Number(element.value)) };
  },
  flag: (_, value, { label, changed }) => {
    const box = h("input", {
      type: "checkbox",
      checked: Boolean(value),
      "data-control": true,
      on: { change: changed },
    });
    return { element: h("label", { class: "check" }, box, label), read: () => box.checked, bare: true };
  },
  choice: (property, value, { required, changed }) => {
    const choices = (property["x-choices"] ?? property.enum.map((one) => ({ value: one, title: one }))).map((one) => [
      one.value,
      one.title,
    ]);
    const element = select([...(required ? [] : [["", "–"]]), ...choices], {
      value: value ?? "",
      on: { change: changed },
    });
    return { element, read: () => or(element.value, null) };
  },
  tags: (_, value, { label, changed }) => tagList(value ?? [], label, changed),
  lines: (_, value, { changed }) => {
    const element = textarea({ value: (value ?? []).join("\n"), rows: 3, on: { input: changed } });
    return { element, read: () => lines(element.value), hint: t("forms.onePerLine") };
  },
  levels: (_, value, { changed }) => {
    const element = input({ value: (value ?? []).join(", "), inputmode: "numeric", on: { input: changed } });
    return {
      element,
      read: () =>
        element.value
          .split(/[\s,;]+/)
          .filter(Boolean)
          .map(Number),
      hint: t("forms.levelsHint"),
    };
  },
  reference: (property, value, { campaign, label, changed }) => {
    const element = referencePicker({
      campaign,
      label,
      kinds: property["x-reference"] ?? [],
      many: property.type === "array",
      value,
      changed,
    });
    return { element, read: () => element.value };
  },
  abilities: (property, value, { changed }) => abilities(property, value ?? {}, changed),
  relations: (property, value, about) => relationRows(property, value ?? [], about),
  monsters: (_, value, about) => monsterRows(value ?? [], about),
};

const lines = (text) =>
  text
    .split("\n")
    .map((one) => one.trim())
    .filter(Boolean);

function tagList(value, label, changed) {
  let tags = [...value];
  const chips = h("div", { class: "chips" });
  const add = () => {
    const fresh = control.value
      .split(",")
      .map((one) => one.trim().toLowerCase())
      .filter(Boolean);
    if (!fresh.length) return;
    tags = [...new Set([...tags, ...fresh])];
    control.value = "";
    draw();
    changed();
  };
  const control = input({
    placeholder: t("forms.addTag"),
    "aria-label": label,
    "data-control": true,
    on: { keydown: key, blur: add },
  });
  function key(event) {
    if ((event.key === "Enter" && !event.ctrlKey) || event.key === ",") {
      event.preventDefault();
      add();
    } else if (event.key === "Backspace" && !control.value && tags.length) {
      tags.pop();
      draw();
      changed();
    }
  }
  function draw() {
    chips.hidden = !tags.length;
    fill(
      chips,
      tags.map((tag) =>
        h(
          "span",
          { class: "chip" },
          tag,
          h(
            "button",
            {
              class: "chip-remove",
              type: "button",
              "aria-label": t("forms.removeOne", { name: tag }),
              on: { click: () => ((tags = tags.filter((other) => other !== tag)), draw(), changed(), control.focus()) },
            },
            icon("close"),
          ),
        ),
      ),
    );
  }
  draw();
  return { element: h("div", { class: "chip-field" }, chips, control), read: () => (add(), [...tags]) };
}

function abilities(property, value, changed) {
  const controls = {};
  const cells = Object.entries(property.properties).map(([name, about]) => {
    const modifier = h("span", { class: "ability-modifier", "aria-hidden": "true" });
    const control = input({
      type: "number",
      min: about.minimum,
      max: about.maximum,
      value: value[name],
      "aria-label": about.title,
      class: "input",
      on: { input: () => (tell(), changed()) },
    });
    const tell = () => fill(modifier, modifierOf(control.value));
    controls[name] = control;
    tell();
    return h(
      "label",
      { class: "ability" },
      h("span", { class: "ability-name" }, about.title.slice(0, 3)),
      control,
      modifier,
    );
  });
  const read = () =>
    Object.fromEntries(
      Object.entries(controls)
        .filter(([, one]) => one.value !== "")
        .map(([name, one]) => [name, Number(one.value)]),
    );
  return { element: h("div", { class: "abilities", "data-control": true }, cells), read, group: true };
}

/** An ability's modifier with its sign. @param {string | number | null} score */
export function modifierOf(score) {
  if (score === "" || score == null) return "";
  return number(Math.floor((Number(score) - 10) / 2), { signDisplay: "always" });
}
