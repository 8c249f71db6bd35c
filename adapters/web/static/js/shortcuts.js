// The keyboard: `?` for help, Ctrl K for the palette, `g` and a letter for a screen, arrows in lists.

import { campaign } from "./campaign.js";
import { h } from "./dom.js";
import { openDialog } from "./elements/gm-dialog.js";
import { t } from "./i18n.js";
import { openPalette } from "./palette.js";
import { go } from "./router.js";
import { destinations } from "./layout.js";
import { user } from "./session.js";

let waiting = false;
let timer = 0;

/** Starts to listen. Call once. */
export function listen() {
  addEventListener("keydown", pressed);
}

function pressed(event) {
  if (event.defaultPrevented) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && user.get()) {
    event.preventDefault();
    return openPalette();
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") return walk(event);
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  if (waiting) {
    waiting = false;
    const there = destinations(campaign.get()).find((one) => one.screen.key === event.key.toLowerCase());
    if (there) {
      event.preventDefault();
      go(there.href);
    }
    return;
  }
  if (event.key === "?") {
    event.preventDefault();
    help();
  } else if (event.key === "g" && user.get()) {
    waiting = true;
    clearTimeout(timer);
    timer = setTimeout(() => (waiting = false), 1500);
  } else if (event.key === "/") {
    const search = /** @type {HTMLElement | null} */ (document.querySelector("main input[type=search]"));
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
}

const typing = (target) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Moves the focus in a list marked `data-arrows`, from link to link. */
function walk(event) {
  const list = event.target instanceof Element && event.target.closest("[data-arrows]");
  if (!list || typing(event.target)) return;
  const stops = [...list.querySelectorAll("[data-stop], a.row, button.row")].filter(
    (one) => /** @type {HTMLElement} */ (one).offsetParent !== null,
  );
  const at = stops.findIndex((one) => one === document.activeElement || one.contains(document.activeElement));
  const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  /** @type {HTMLElement} */ (next).focus();
}

const keys = (...names) => names.map((name) => h("kbd", null, name));

/** Shows the shortcuts. */
export function help() {
  const rows = [
    [keys("Ctrl", "K"), t("shortcuts.palette")],
    [keys("?"), t("shortcuts.help")],
    [keys("/"), t("shortcuts.search")],
    [keys("↑", "↓"), t("shortcuts.list")],
    [keys("j", "k"), t("table.keys")],
    [keys("h", "l"), t("timeline.keys")],
    [keys("Ctrl", "Enter"), t("shortcuts.send")],
    [keys("Esc"), t("shortcuts.close")],
  ];
  const places = destinations(campaign.get()).filter((one) => one.screen.key);
  const list = (pairs) =>
    h(
      "dl",
      { class: "keys" },
      pairs.map(([key, text]) => [h("dt", null, key), h("dd", null, text)]),
    );
  openDialog({
    title: t("shortcuts.title"),
    body: h(
      "div",
      { class: "columns" },
      list(rows),
      list(places.map((one) => [keys("g", one.screen.key), t(one.screen.title)])),
    ),
  });
}
