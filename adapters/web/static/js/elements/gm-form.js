// A form drawn from a JSON Schema with our `x-` words: sections, one field per property, who sees which.

import { fill, h, icon } from "../dom.js";
import { field } from "../field.js";
import { t } from "../i18n.js";
import { menuButton } from "./gm-menu.js";
import { widget } from "./widgets.js";

/**
 * @typedef {object} About
 * @property {any} schema
 * @property {Record<string, any>} values
 * @property {string | null} campaign for references
 * @property {Record<string, string>} [visibility] field → "gm" | "all", where it differs from the schema; enables the switches
 * @property {boolean} [switches] whether fields have a visibility switch
 * @property {string[]} [only] the fields to show
 * @property {string[]} [without] fields left out
 * @property {() => void} [changed]
 */

/** `<gm-form>`: set `about`; read `changes()` and `visibility()`. */
class GmForm extends HTMLElement {
  /** @param {About} about */
  set about(about) {
    this.how = about;
    /** @type {Map<string, {widget: any, field: any, property: any}>} */
    this.parts = new Map();
    this.shown = { ...(about.visibility ?? {}) };
    fill(
      this,
      sections(about).map(([section, title, names]) => this.section(section, title, names)),
    );
    /** What the controls say of the values as they are: only what differs from it is a change. */
    this.initially = new Map([...this.parts].map(([name, part]) => [name, JSON.stringify(part.widget.read())]));
  }

  section(section, title, names) {
    const fields = names.map((name) => this.field(name));
    return h(
      "fieldset",
      { class: `form-section form-section--${section}` },
      h("legend", { class: "form-legend" }, section === "master" && icon("seal"), title),
      h("div", { class: "form-fields" }, fields),
    );
  }

  field(name) {
    const { schema, values, campaign } = this.how;
    const property = schema.properties[name];
    const required = (schema.required ?? []).includes(name);
    const made = widget(property, values[name], {
      campaign,
      label: property.title,
      required,
      changed: () => this.how.changed?.(),
    });
    const element = field(property.title, made.element, { group: made.group, hint: made.hint });
    element.classList.add(`field--${property["x-widget"]}`);
    if (property.maxLength > 200) element.classList.add("field--wide");
    if (made.bare) element.querySelector(":scope > label")?.remove();
    if (this.how.switches && name !== "name") element.prepend(this.eye(name, property));
    this.parts.set(name, { widget: made, field: element, property });
    this.mark(name, element);
    return element;
  }

  /** The switch of who sees a field. */
  eye(name, property) {
    const choose = (choice) => () => {
      if (choice === this.usual(property)) delete this.shown[name];
      else this.shown[name] = choice;
      this.mark(name, this.parts.get(name)?.field);
      this.how.changed?.();
    };
    return menuButton({
      label: t("visibility.ofField", { field: property.title }),
      icon: "eye",
      class: "button button--icon button--small field-eye",
      items: () =>
        ["gm", "all"].map((choice) => ({
          label: t(`visibility.field.${choice}`),
          checked: this.seen(name) === choice,
          run: choose(choice),
        })),
    });
  }

  usual(property) {
    return property["x-secret"] ? "gm" : "all";
  }

  seen(name) {
    return this.shown[name] ?? this.usual(this.how.schema.properties[name]);
  }

  mark(name, element) {
    element?.classList.toggle("field--secret", this.seen(name) === "gm");
  }

  /** The fields that differ from what the form began with; null empties one. @returns {Record<string, any>} */
  changes() {
    const changed = {};
    for (const [name, { widget: made }] of this.parts) {
      const value = made.read();
      if (JSON.stringify(value) !== this.initially.get(name)) changed[name] = value;
    }
    return changed;
  }

  /** All that is filled in. @returns {Record<string, any>} */
  filled() {
    const values = [...this.parts].map(([name, { widget: made }]) => [name, made.read()]);
    return Object.fromEntries(values.filter(([, value]) => value !== null && !(Array.isArray(value) && !value.length)));
  }

  /** Who sees which field, where it differs from what is usual. */
  visibility() {
    return { ...this.shown };
  }

  /** Says what is missing; true when nothing is. */
  check() {
    let first = null;
    for (const [name, { widget: made, field: element }] of this.parts) {
      const missing = (this.how.schema.required ?? []).includes(name) && made.read() === null;
      element.complain(missing ? t("forms.required") : "");
      if (missing) first ??= element.control;
    }
    first?.focus();
    return !first;
  }

  /** Puts a refusal beside the field it names. @param {any} problem @param {string} text @returns {boolean} whether there is one */
  complain(problem, text) {
    const name = String(problem.field ?? "")
      .replace(/^(fields|edits)\./, "")
      .split(".")[0];
    const part = this.parts.get(name);
    if (!part) return false;
    part.field.complain(text);
    part.field.control.focus();
    part.field.scrollIntoView({ block: "center" });
    return true;
  }
}
customElements.define("gm-form", GmForm);

/** The fields of a schema in their order, by section. @param {{schema: any, only?: string[], without?: string[]}} about @returns {[string, string, string[]][]} */
export function sections({ schema, only, without }) {
  const groups = new Map();
  const names = Object.keys(schema.properties).sort(
    (a, b) => (schema.properties[a]["x-order"] ?? 0) - (schema.properties[b]["x-order"] ?? 0),
  );
  for (const name of names) {
    if ((only && !only.includes(name)) || without?.includes(name)) continue;
    const property = schema.properties[name];
    const section = property["x-section"] ?? "about";
    if (!groups.has(section)) groups.set(section, [property["x-section-title"] ?? section, []]);
    groups.get(section)[1].push(name);
  }
  return [...groups].map(([section, [title, members]]) => [section, title, members]);
}

/** @param {About} about */
export function schemaForm(about) {
  return /** @type {GmForm} */ (h("gm-form", { about }));
}
