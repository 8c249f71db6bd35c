// A text editor for Markdown with @ completion: the person reads `[[Name]]`, the text that is kept says `[[id]]`.

import * as api from "../api.js";
import { fill, h, icon, later, safeHtml, uid } from "../dom.js";
import { t } from "../i18n.js";
import { learn, named } from "../names.js";
import { explain } from "../states.js";
import { elementSuggestions } from "./gm-reference.js";

const MENTION = /\[\[([^\][\n]{1,120})\]\]/g;
const ASKED = /(?:^|\s|\()@([\p{L}\p{N}'’ -]{0,40})$/u;

/** `<gm-markdown>`: set `about`; read `value`. */
class GmMarkdown extends HTMLElement {
  /** @param {{campaign?: string | null, value: string, rows?: number, label: string, changed?: () => void}} about */
  set about(about) {
    this.how = about;
    /** @type {Map<string, string>} */
    this.ids = new Map();
    this.found = [];
    this.chosen = 0;
    const id = uid("mention");
    this.area = /** @type {HTMLTextAreaElement} */ (
      h("textarea", {
        class: "textarea",
        rows: about.rows ?? 5,
        "data-control": true,
        "aria-label": about.label,
        "aria-controls": id,
        on: {
          input: () => (about.changed?.(), this.ask()),
          keydown: (event) => this.key(event),
          blur: () => setTimeout(() => this.close(), 150),
        },
      })
    );
    this.list = h("ul", {
      class: "combo-list",
      id,
      role: "listbox",
      "aria-label": t("forms.mention"),
      popover: "manual",
    });
    this.ask = later(() => this.look(), 120);
    this.seen = h("div", { class: "prose preview", hidden: true });
    fill(this, this.bar(), this.area, this.seen, this.list);
    this.show(about.value ?? "");
    const ids = [...(about.value ?? "").matchAll(MENTION)].map((match) => match[1]).filter((one) => !named(one));
    if (ids.length) {
      const before = this.area.value;
      learn(ids).then(() => this.area.value === before && this.show(about.value));
    }
  }

  get value() {
    return this.area.value
      .replace(MENTION, (whole, name) => (this.ids.has(name) ? `[[${this.ids.get(name)}]]` : whole))
      .trim();
  }

  show(text) {
    this.area.value = text.replace(MENTION, (whole, id) => (named(id) ? `[[${this.label(id)}]]` : whole));
  }

  /** A name that stands for this id in this text: two of the same name are told apart. */
  label(id) {
    const name = (named(id)?.name ?? id).replace(/[[\]\n]/g, " ");
    for (let n = 1; ; n += 1) {
      const label = n === 1 ? name : `${name} (${n})`;
      const taken = this.ids.get(label);
      if (taken === undefined || taken === id) {
        this.ids.set(label, id);
        return label;
      }
    }
  }

  bar() {
    const tool = (picture, label, work) =>
      h(
        "button",
        {
          class: "button button--icon button--small",
          type: "button",
          title: label,
          "aria-label": label,
          on: { click: work },
        },
        picture,
      );
    return h(
      "div",
      { class: "editor-bar", role: "toolbar", "aria-label": t("forms.formatting") },
      tool(h("b", null, "B"), t("forms.bold"), () => this.wrap("**")),
      tool(h("i", null, "I"), t("forms.italic"), () => this.wrap("*")),
      tool(icon("menu"), t("forms.list"), () => this.markLines("- ")),
      tool(h("span", null, "❝"), t("forms.quote"), () => this.markLines("> ")),
      this.how.campaign && tool(h("span", null, "@"), t("forms.mention"), () => this.insert(" @")),
      h("span", { class: "grow" }),
      this.how.campaign &&
        (this.toggle = h(
          "button",
          {
            class: "button button--quiet button--small",
            type: "button",
            "aria-pressed": "false",
            on: { click: () => this.preview() },
          },
          t("forms.preview"),
        )),
      h("span", { class: "hint" }, this.how.campaign ? t("forms.markdownMention") : t("forms.markdown")),
    );
  }

  /** Shows the text as it will look, as the server renders it; and back. */
  async preview() {
    const back = !this.seen.hidden;
    this.toggle.setAttribute("aria-pressed", String(!back));
    this.area.hidden = !back;
    this.seen.hidden = back;
    if (back) return this.area.focus();
    try {
      const { html } = await api.post(`/api/campaigns/${encodeURIComponent(this.how.campaign ?? "")}/render`, {
        text: this.value,
      });
      safeHtml(this.seen, html);
    } catch (error) {
      fill(this.seen, explain(error));
    }
  }

  wrap(mark) {
    const { selectionStart: from, selectionEnd: to, value } = this.area;
    this.area.setRangeText(`${mark}${value.slice(from, to) || t("forms.text")}${mark}`, from, to, "select");
    this.edited();
  }

  markLines(mark) {
    const start = this.area.value.lastIndexOf("\n", this.area.selectionStart - 1) + 1;
    const block = this.area.value.slice(start, this.area.selectionEnd);
    this.area.setRangeText(block.replace(/^/gm, mark), start, this.area.selectionEnd, "end");
    this.edited();
  }

  insert(text) {
    const at = this.area.selectionStart;
    this.area.setRangeText(
      at === 0 || /\s$/.test(this.area.value.slice(0, at)) ? text.trimStart() : text,
      at,
      this.area.selectionEnd,
      "end",
    );
    this.edited();
    this.look();
  }

  edited() {
    this.area.focus();
    this.how.changed?.();
  }

  async look() {
    const typed = ASKED.exec(this.area.value.slice(0, this.area.selectionStart));
    if (!typed || !this.how.campaign) return this.close();
    const text = typed[1];
    let found = [];
    try {
      found = await elementSuggestions(this.how.campaign, [])(text);
    } catch {
      // Typing on asks again.
    }
    const now = ASKED.exec(this.area.value.slice(0, this.area.selectionStart));
    if (now?.[1] !== text || !found.length) return this.close();
    this.found = found;
    this.typed = text.length + 1;
    fill(
      this.list,
      found.map((one, at) =>
        h(
          "li",
          {
            class: "combo-entry",
            role: "option",
            id: `${this.list.id}-${at}`,
            on: { pointerdown: (event) => (event.preventDefault(), this.pick(one)) },
          },
          icon(one.icon),
          h("span", { class: "grow clip" }, one.label),
          h("span", { class: "faint small" }, one.hint),
        ),
      ),
    );
    const place = this.area.getBoundingClientRect();
    if (!this.list.matches(":popover-open")) this.list.showPopover();
    this.list.style.left = `${place.left}px`;
    this.list.style.top = `${Math.min(place.bottom + 4, innerHeight - this.list.offsetHeight - 8)}px`;
    this.list.style.width = `${Math.min(place.width, 400)}px`;
    this.choose(0);
  }

  choose(index) {
    this.chosen = index;
    [...this.list.children].forEach((one, at) => one.setAttribute("aria-selected", String(at === index)));
    this.area.setAttribute("aria-activedescendant", `${this.list.id}-${index}`);
  }

  close() {
    if (this.list.isConnected && this.list.matches(":popover-open")) this.list.hidePopover();
    this.area.removeAttribute("aria-activedescendant");
  }

  pick(one) {
    const at = this.area.selectionStart;
    this.area.setRangeText(`[[${this.label(one.value)}]] `, at - this.typed, at, "end");
    this.close();
    this.edited();
  }

  key(event) {
    if (!this.list.matches(":popover-open")) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.choose((this.chosen + step + this.found.length) % this.found.length);
    else if (event.key === "Enter" || event.key === "Tab") this.pick(this.found[this.chosen]);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
customElements.define("gm-markdown", GmMarkdown);

/** @param {{campaign?: string | null, value: string, rows?: number, label: string, changed?: () => void}} about */
export function markdownEditor(about) {
  return /** @type {GmMarkdown} */ (h("gm-markdown", { about }));
}
