// A bar that shows how much of something is used, with marks on the way.

import { fill, h } from "../dom.js";
import { number } from "../i18n.js";

/** `<gm-meter>`: set `about`. */
class GmMeter extends HTMLElement {
  /** @param {{label: string, value: number, max: number, text?: string, tone?: string, marks?: {at: number, label: string, value: string}[]}} about */
  set about(about) {
    const share = (amount) => `${Math.max(0, Math.min(100, (100 * amount) / (about.max || 1)))}%`;
    this.setAttribute("role", "meter");
    this.setAttribute("aria-label", about.label);
    this.setAttribute("aria-valuemin", "0");
    this.setAttribute("aria-valuemax", String(about.max));
    this.setAttribute("aria-valuenow", String(Math.min(about.value, about.max)));
    this.setAttribute("aria-valuetext", about.text ?? `${number(about.value)} / ${number(about.max)}`);
    this.dataset.tone = about.tone ?? "accent";
    const row = (part) =>
      about.marks?.length &&
      h(
        "span",
        { class: "meter-labels", "aria-hidden": "true" },
        about.marks.map((mark) => h("span", { class: "meter-label", vars: { "--at": share(mark.at) } }, mark[part])),
      );
    fill(
      this,
      row("label"),
      h(
        "span",
        { class: "meter-track" },
        h("span", { class: "meter-fill", vars: { "--share": share(about.value) } }),
        (about.marks ?? []).map((mark) => h("span", { class: "meter-mark", vars: { "--at": share(mark.at) } })),
      ),
      row("value"),
    );
  }
}
customElements.define("gm-meter", GmMeter);

/** @param {{label: string, value: number, max: number, text?: string, tone?: string, marks?: {at: number, label: string, value: string}[]}} about */
export function meter(about) {
  return h("gm-meter", { about });
}
