// The command palette (Ctrl K): screens, commands and, in a campaign, its elements by name.

import * as api from "./api.js";
import { campaign } from "./campaign.js";
import { fill, h, icon, later, uid } from "./dom.js";
import { openDialog } from "./elements/gm-dialog.js";
import { t, tOr } from "./i18n.js";
import { destinations, leave, setLanguage, setTheme } from "./layout.js";
import { go, href } from "./router.js";

/** @typedef {{label: string, hint?: string, icon?: string, run: () => void}} Entry */

/** Opens the palette. */
export function openPalette() {
  if (document.querySelector("dialog[open]")) return;
  const open = campaign.get();
  const fixed = commands(open);
  /** @type {Entry[]} */
  let entries = fixed;
  let chosen = 0;
  const id = uid("palette");
  const list = h("ul", { class: "palette-list", id, role: "listbox", "aria-label": t("palette.results") });
  const input = /** @type {HTMLInputElement} */ (
    h("input", {
      class: "palette-input",
      type: "text",
      role: "combobox",
      "aria-expanded": "true",
      "aria-controls": id,
      "aria-autocomplete": "list",
      "aria-label": t("palette.open"),
      placeholder: t("palette.placeholder"),
      autocomplete: "off",
      spellcheck: "false",
      on: { input: () => search(), keydown: key },
    })
  );
  const dialog = openDialog({
    title: t("palette.open"),
    bare: true,
    class: "dialog--palette",
    body: [h("div", { class: "palette-field" }, icon("search"), input), list],
  });

  function draw() {
    chosen = Math.min(chosen, Math.max(0, entries.length - 1));
    fill(
      list,
      entries.length === 0 && h("li", { class: "palette-none" }, t("palette.none")),
      entries.map((entry, index) =>
        h(
          "li",
          {
            class: "palette-entry",
            role: "option",
            id: `${id}-${index}`,
            "aria-selected": String(index === chosen),
            on: { click: () => run(entry), pointermove: () => index !== chosen && choose(index) },
          },
          icon(entry.icon ?? "arrow"),
          h("span", { class: "grow" }, entry.label),
          entry.hint && h("span", { class: "faint" }, entry.hint),
        ),
      ),
    );
    point();
  }
  function choose(index) {
    chosen = index;
    [...list.children].forEach((one, at) => one.setAttribute("aria-selected", String(at === chosen)));
    point();
  }
  function point() {
    if (!entries.length) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", `${id}-${chosen}`);
    list.children[chosen]?.scrollIntoView({ block: "nearest" });
  }
  function run(entry) {
    dialog.close();
    entry.run();
  }
  function key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && entries.length) {
      event.preventDefault();
      choose((chosen + step + entries.length) % entries.length);
    } else if (event.key === "Enter" && entries[chosen]) {
      event.preventDefault();
      run(entries[chosen]);
    }
  }
  const found = later(async (text) => {
    try {
      const answer = await api.get(`/api/elements/${encodeURIComponent(open.campaign_id)}`, {
        query: { q: text, limit: 8 },
      });
      if (input.value.trim() !== text) return;
      entries = [...entries, ...answer.items.map((one) => elementEntry(open, one))];
      draw();
    } catch {
      // The commands remain.
    }
  }, 120);
  function search() {
    const text = input.value.trim();
    const wanted = text.toLowerCase();
    entries = fixed.filter((entry) => entry.label.toLowerCase().includes(wanted));
    chosen = 0;
    draw();
    if (open && text.length > 1) found(text);
  }
  draw();
  input.focus();
}

const elementEntry = (open, one) => ({
  label: one.name,
  hint: tOr(`kinds.${one.kind}`, one.kind),
  icon: one.kind,
  run: () => go(href("/c/:campaign/e/:element", { campaign: open.campaign_id, element: one.element_id })),
});

/** @returns {Entry[]} */
function commands(open) {
  return [
    ...destinations(open).map(({ screen, href: to }) => ({
      label: t(screen.title),
      hint: screen.nav === "campaign" ? open.name : screen.key ? `g ${screen.key}` : "",
      icon: screen.icon,
      run: () => go(to),
    })),
    ...["system", "light", "dark"].map((one) => ({
      label: `${t("layout.theme")}: ${t(`layout.themes.${one}`)}`,
      icon: "sun",
      run: () => setTheme(one),
    })),
    { label: "English", icon: "globe", run: () => setLanguage("en") },
    { label: "Français", icon: "globe", run: () => setLanguage("fr") },
    { label: t("layout.signOut"), icon: "leave", run: leave },
  ];
}
