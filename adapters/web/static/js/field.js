// A labelled control with its hint and its error in place.

import { fill, h, icon, uid } from "./dom.js";
import { t } from "./i18n.js";

/**
 * @param {string} label
 * @param {HTMLElement} control the input, select or textarea (or an element that holds one, with `[data-control]`)
 * @param {{hint?: string, optional?: boolean, group?: boolean}} [options] `group`: the control is several, named together
 */
export function field(label, control, options = {}) {
  const inner = /** @type {any} */ (
    options.group || control.matches("input, select, textarea")
      ? control
      : (control.querySelector("[data-control]") ?? control)
  );
  inner.id ||= uid("field");
  const hintId = options.hint ? uid("hint") : null;
  const errorId = uid("error");
  const error = h("p", { class: "error", id: errorId, hidden: true });
  const name = [label, options.optional && h("span", { class: "optional" }, ` ${t("forms.optional")}`)];
  const labelId = uid("label");
  const element = h(
    "div",
    { class: "field" },
    options.group ? h("span", { class: "label", id: labelId }, name) : h("label", { for: inner.id }, name),
    control,
    options.hint && h("p", { class: "hint", id: hintId }, options.hint),
    error,
  );
  if (options.group) {
    inner.setAttribute("role", "group");
    inner.setAttribute("aria-labelledby", labelId);
  }
  inner.setAttribute("aria-describedby", [hintId, errorId].filter(Boolean).join(" "));
  return Object.assign(element, {
    control: inner,
    /** Says what is wrong with the field; nothing clears it. @param {string} [message] */
    complain(message) {
      error.hidden = !message;
      fill(error, message && icon("alert"), message);
      if (message) inner.setAttribute("aria-invalid", "true");
      else inner.removeAttribute("aria-invalid");
    },
  });
}

/** @param {Record<string, any>} [props] */
export const input = (props) => h("input", { type: "text", class: "input", autocomplete: "off", ...props });
/** @param {Record<string, any>} [props] */
export const textarea = (props) => h("textarea", { class: "textarea", rows: 4, ...props });
/** @param {[string, string][]} choices value and label @param {Record<string, any>} [props] */
export const select = (choices, props) =>
  h(
    "select",
    { class: "select", ...props },
    choices.map(([value, label]) => h("option", { value }, label)),
  );

/**
 * A small form: fields, a submit button, failures beside the field they name.
 *
 * @param {{fields: Record<string, any>, submit: string, icon?: string, cancel?: () => void, send: (values: Record<string, any>) => Promise<any>, lead?: any, tail?: any}} about
 *   `fields`: name → what `field` made; `send` gets the values by name
 */
export function form(about) {
  const failure = h("div", { role: "alert" });
  const button = h(
    "button",
    { class: "button button--primary", type: "submit" },
    about.icon && icon(about.icon),
    about.submit,
  );
  const element = h(
    "form",
    {
      class: "stack",
      novalidate: true,
      on: {
        submit: send,
        keydown: (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && element.requestSubmit(),
      },
    },
    about.lead,
    Object.values(about.fields),
    about.tail,
    failure,
    h(
      "div",
      { class: "form-foot" },
      about.cancel &&
        h("button", { class: "button", type: "button", on: { click: about.cancel } }, t("actions.cancel")),
      button,
    ),
  );
  async function send(event) {
    event.preventDefault();
    if (button.getAttribute("aria-busy")) return;
    fill(failure);
    const values = {};
    let first = null;
    for (const [name, one] of Object.entries(about.fields)) {
      const control = one.control;
      one.complain("");
      values[name] = read(control);
      if (control.required && values[name] === "") {
        one.complain(t("forms.required"));
        first ??= control;
      }
    }
    if (first) return first.focus();
    button.setAttribute("aria-busy", "true");
    try {
      await about.send(values);
    } catch (error) {
      const { explain } = await import("./states.js");
      const at = about.fields[error.field];
      if (at) {
        at.complain(explain(error));
        at.control.focus();
      } else fill(failure, h("p", { class: "error" }, icon("alert"), explain(error)));
    } finally {
      button.removeAttribute("aria-busy");
    }
  }
  return /** @type {HTMLFormElement} */ (element);
}

function read(control) {
  if (control.type === "checkbox") return control.checked;
  if (control.type === "number" || control.type === "range") return control.value === "" ? null : Number(control.value);
  return typeof control.value === "string" && control.type !== "password" ? control.value.trim() : control.value;
}
