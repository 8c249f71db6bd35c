// An input that suggests while one types, after the combobox pattern.

import { fill, h, icon, later, uid } from "../dom.js";
import { t } from "../i18n.js";

/**
 * @typedef {{value: any, label: string, hint?: string, icon?: string}} Suggestion
 * @typedef {object} About
 * @property {string} label
 * @property {(text: string) => Promise<Suggestion[]>} search
 * @property {(suggestion: Suggestion) => void} pick
 * @property {string} [placeholder]
 * @property {(text: string) => void} [free] called with text that nothing was picked for, on Enter
 * @property {number} [least] letters before it searches; 0 suggests at once
 */

/** `<gm-combo>`: set `about`. */
class GmCombo extends HTMLElement {
  /** @param {About} about */
  set about(about) {
    this.how = about;
    this.chosen = -1;
    /** @type {Suggestion[]} */
    this.found = [];
    const id = uid("combo");
    this.list = h("ul", { class: "combo-list", id, role: "listbox", "aria-label": about.label, popover: "manual" });
    this.input = /** @type {HTMLInputElement} */ (
      h("input", {
        class: "input",
        type: "text",
        role: "combobox",
        "data-control": true,
        "aria-label": about.label,
        "aria-autocomplete": "list",
        "aria-expanded": "false",
        "aria-controls": id,
        autocomplete: "off",
        spellcheck: "false",
        placeholder: about.placeholder ?? t("forms.search"),
        on: {
          input: () => this.ask(),
          focus: () => about.least === 0 && this.ask(),
          blur: () => setTimeout(() => this.close(), 150),
          keydown: (event) => this.key(event),
        },
      })
    );
    this.ask = later(() => this.look(), 150);
    fill(this, this.input, this.list);
  }

  async look() {
    const text = this.input.value.trim();
    if (text.length < (this.how.least ?? 1)) return this.close();
    let found = [];
    try {
      found = await this.how.search(text);
    } catch {
      // Typing on asks again.
    }
    if (text !== this.input.value.trim() || document.activeElement !== this.input) return;
    this.found = found;
    this.choose(found.length ? 0 : -1, true);
  }

  choose(index, draw = false) {
    this.chosen = index;
    if (draw) {
      fill(
        this.list,
        this.found.length === 0 && h("li", { class: "combo-none" }, t("forms.nothingFound")),
        this.found.map((one, at) =>
          h(
            "li",
            {
              class: "combo-entry",
              role: "option",
              id: `${this.list.id}-${at}`,
              on: { pointerdown: (event) => (event.preventDefault(), this.pick(one)) },
            },
            one.icon && icon(one.icon),
            h("span", { class: "grow clip" }, one.label),
            one.hint && h("span", { class: "faint small clip" }, one.hint),
          ),
        ),
      );
      this.open();
    }
    [...this.list.children].forEach((one, at) => one.setAttribute("aria-selected", String(at === index)));
    if (index >= 0) {
      this.input.setAttribute("aria-activedescendant", `${this.list.id}-${index}`);
      this.list.children[index]?.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  open() {
    const place = this.input.getBoundingClientRect();
    if (!this.list.matches(":popover-open")) this.list.showPopover();
    const below = innerHeight - place.bottom > 240 || place.top < 240;
    this.list.style.left = `${place.left}px`;
    this.list.style.width = `${Math.max(place.width, 200)}px`;
    this.list.style.top = below ? `${place.bottom + 4}px` : `${place.top - 4 - this.list.offsetHeight}px`;
    this.input.setAttribute("aria-expanded", "true");
  }

  close() {
    if (this.list.isConnected && this.list.matches(":popover-open")) this.list.hidePopover();
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  /** @param {Suggestion} one */
  pick(one) {
    this.input.value = "";
    this.close();
    this.how.pick(one);
  }

  key(event) {
    const open = this.list.matches(":popover-open");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      event.stopPropagation();
      if (open && this.found.length) this.choose((this.chosen + step + this.found.length) % this.found.length);
      else this.look();
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      const text = this.input.value.trim();
      if (open && this.found[this.chosen]) {
        event.preventDefault();
        this.pick(this.found[this.chosen]);
      } else if (text && this.how.free) {
        event.preventDefault();
        this.input.value = "";
        this.close();
        this.how.free(text);
      }
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    }
  }
}
customElements.define("gm-combo", GmCombo);

/** @param {About} about */
export function combo(about) {
  return /** @type {GmCombo} */ (h("gm-combo", { about }));
}
