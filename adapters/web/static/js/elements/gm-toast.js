// Short messages about what just happened, with a way back where there is one.

import { h, icon } from "../dom.js";
import { t } from "../i18n.js";
import { explain } from "../states.js";

/** `<gm-toast>`: the corner where messages stand; it speaks politely. */
class GmToast extends HTMLElement {
  connectedCallback() {
    this.setAttribute("role", "status");
    this.setAttribute("aria-live", "polite");
  }

  /** @param {string} text @param {{tone?: string, action?: {label: string, run: () => void}, stays?: boolean}} options */
  say(text, options) {
    const leave = () => message.remove();
    const message = h(
      "div",
      { class: `toast toast--${options.tone ?? "good"}` },
      icon(options.tone === "bad" ? "alert" : "check"),
      h("span", { class: "grow" }, text),
      options.action &&
        h(
          "button",
          { class: "button button--quiet", type: "button", on: { click: () => (leave(), options.action?.run()) } },
          options.action.label,
        ),
      h(
        "button",
        { class: "button button--icon", type: "button", "aria-label": t("actions.close"), on: { click: leave } },
        icon("close"),
      ),
    );
    this.append(message);
    if (options.stays) return;
    let timer = setTimeout(leave, options.action ? 9000 : 5000);
    message.addEventListener("pointerenter", () => clearTimeout(timer));
    message.addEventListener("pointerleave", () => (timer = setTimeout(leave, 3000)));
  }
}
customElements.define("gm-toast", GmToast);

/**
 * @param {string} text
 * @param {{tone?: "good" | "bad", action?: {label: string, run: () => void}, stays?: boolean}} [options]
 */
export function toast(text, options = {}) {
  let corner = /** @type {GmToast | null} */ (document.querySelector("gm-toast"));
  if (!corner) {
    corner = /** @type {GmToast} */ (document.createElement("gm-toast"));
    document.body.append(corner);
  }
  corner.say(text, options);
}

/** Says why something did not work. @param {any} error */
export function toastProblem(error) {
  if (error?.name === "AbortError") return;
  toast(explain(error), { tone: "bad" });
}
