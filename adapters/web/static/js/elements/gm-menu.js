// A button that opens a small menu below itself.

import { fill, h, icon, uid } from "../dom.js";

/**
 * @typedef {object} Item
 * @property {string} [label]
 * @property {string} [heading] a line that is no command
 * @property {string} [icon]
 * @property {string} [lang]
 * @property {boolean} [checked] makes it a choice
 * @property {boolean} [danger]
 * @property {() => void} [run]
 */

/** `<gm-menu>`: a button and its popover. */
class GmMenu extends HTMLElement {
  /** @param {{label: string, icon?: string, text?: string, class?: string, items: () => Item[]}} about */
  set about(about) {
    const id = uid("menu");
    this.items = about.items;
    this.list = h("div", {
      class: "menu",
      id,
      popover: "auto",
      role: "menu",
      "aria-label": about.label,
      on: { toggle: (event) => this.toggled(event), keydown: (event) => this.key(event) },
    });
    this.button = h(
      "button",
      {
        class: about.class ?? (about.text ? "button button--quiet" : "button button--icon"),
        type: "button",
        title: about.text ? null : about.label,
        "aria-label": about.text && about.text !== about.label ? `${about.label}: ${about.text}` : about.label,
        "aria-haspopup": "menu",
        "aria-expanded": "false",
        popovertarget: id,
      },
      about.icon && icon(about.icon),
      about.text && h("span", { class: "menu-text" }, about.text),
    );
    fill(this, this.button, this.list);
  }

  toggled(event) {
    const open = event.newState === "open";
    this.button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    fill(
      this.list,
      this.items().map((item) => this.entry(item)),
    );
    const place = this.button.getBoundingClientRect();
    this.list.style.top = `${place.bottom + 4}px`;
    this.list.style.left = `${Math.max(8, Math.min(place.left, innerWidth - this.list.offsetWidth - 8))}px`;
    if (place.bottom + 4 + this.list.offsetHeight > innerHeight - 8)
      this.list.style.top = `${Math.max(8, place.top - this.list.offsetHeight - 4)}px`;
    /** @type {HTMLElement | null} */ (this.list.querySelector("button"))?.focus();
  }

  entry(item) {
    if (item.heading) return h("p", { class: "menu-heading" }, item.heading);
    const choice = item.checked !== undefined;
    return h(
      "button",
      {
        class: item.danger ? "menu-item menu-item--danger" : "menu-item",
        type: "button",
        role: choice ? "menuitemradio" : "menuitem",
        lang: item.lang,
        "aria-checked": choice ? String(item.checked) : null,
        on: { click: () => (this.list.hidePopover(), this.button.focus(), item.run?.()) },
      },
      choice ? icon(item.checked ? "check" : "blank") : icon(item.icon ?? "blank"),
      h("span", null, item.label),
    );
  }

  key(event) {
    const stops = [...this.list.querySelectorAll("button")];
    const at = stops.indexOf(/** @type {any} */ (document.activeElement));
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: stops.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    stops[(next + stops.length) % stops.length]?.focus();
  }
}
customElements.define("gm-menu", GmMenu);

/** @param {{label: string, icon?: string, text?: string, class?: string, items: () => Item[]}} about */
export function menuButton(about) {
  return h("gm-menu", { about });
}
