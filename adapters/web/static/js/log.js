// How positions, times, streams, events and amounts of the log are written on every screen that shows them.

import { h } from "./dom.js";
import { current, number, t, tOr } from "./i18n.js";
import { href } from "./router.js";
import { may } from "./session.js";

const HUES = {
  npc: 1,
  world: 3,
  faction: 2,
  request: 7,
  decision: 4,
  campaign: 5,
  element: 5,
  proposal: 8,
  chat: 8,
  dice: 2,
  account: 6,
  operator: 6,
};

/** The colour of an event type, stream or category. @param {string} name */
export const hueOf = (name) => HUES[name.split(/[./]/)[0]] ?? 0;

/** A time with seconds and milliseconds. @param {string | number | null | undefined} moment */
export function clock(moment) {
  if (moment == null) return "–";
  const at = new Date(moment);
  if (Number.isNaN(at.getTime())) return String(moment);
  return new Intl.DateTimeFormat(current(), {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    hour12: false,
  }).format(at);
}

/** The time of day with seconds. @param {number} ms */
export const hour = (ms) =>
  new Intl.DateTimeFormat(current(), { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false }).format(
    new Date(ms),
  );

/** The day and the time of day. @param {number} ms */
export const day = (ms) =>
  new Intl.DateTimeFormat(current(), {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
  }).format(new Date(ms));

/** Dollars from billionths. @param {number | null | undefined} nano */
export function dollars(nano) {
  if (nano == null) return "–";
  const amount = nano / 1e9;
  const digits = amount !== 0 && Math.abs(amount) < 0.1 ? 6 : 2;
  return number(amount, {
    style: "currency",
    currency: "USD",
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  });
}

/** A duration from microseconds. @param {number | null | undefined} microseconds */
export function duration(microseconds) {
  if (microseconds == null) return "–";
  if (microseconds < 1e6)
    return `${number(microseconds / 1e3, { maximumFractionDigits: microseconds < 1e5 ? 1 : 0 })} ms`;
  return `${number(microseconds / 1e6, { maximumFractionDigits: 1 })} s`;
}

/** Whether the person may look into the log; others read the same without links. */
export const inspects = () => may(["operator"]);

const link = (to, text, title) => (inspects() ? h("a", { href: to, title }, text) : text);

export const positionLink = (position) =>
  position ? link(href("/event/:position", { position }), number(position), t("log.openEvent")) : "–";
export const traceLink = (correlation) =>
  correlation ? link(href("/trace/:correlation", { correlation }), correlation, t("log.openTrace")) : "–";
export const decisionLink = (id, text = id) => link(href("/decisions/:decision", { decision: id }), text);
export const npcLink = (id, text = id) => (id ? h("a", { href: href("/world/npc/:npc", { npc: id }) }, text) : "–");

/** A stream as a link to its state, at a position if one is given. @param {string} stream @param {number} [at] */
export function streamLink(stream, at) {
  const [category, ...rest] = String(stream).split("/");
  return rest.length
    ? link(href("/stream/:category/:id", { category, id: rest.join("/") }, { at }), stream, t("log.openStream"))
    : stream;
}

/** An event type with the colour of its category. @param {string} type @param {number} [more] how many others the commit has */
export function eventType(type, more = 0) {
  return h(
    "span",
    { class: `event-type hue-${hueOf(type)}` },
    h("span", { class: "event-dot", "aria-hidden": "true" }),
    h("span", { class: "clip" }, type),
    more > 0 && h("span", { class: "badge" }, `+${more}`),
  );
}

/** What a word of the API means to people, else the word. @param {string} group @param {any} value */
export const word = (group, value) => tOr(`${group}.${value}`, String(value ?? "–").replaceAll("_", " "));

/** Facts as a list of terms; those without a value are left out. @param {[string, any][]} pairs */
export function facts(pairs) {
  return h(
    "dl",
    { class: "facts" },
    pairs
      .filter(([, value]) => value != null && value !== "" && value !== false)
      .map(([term, value]) => [h("dt", null, term), h("dd", null, value)]),
  );
}

/** A number with its name under it. */
export const stat = (value, name, tone) =>
  h("div", { class: tone ? `stat stat--${tone}` : "stat" }, h("b", null, value), h("span", null, name));

/** A heading with what belongs to it. @param {any} title @param {...any} children */
export const section = (title, ...children) =>
  h(
    "section",
    { class: "panel" },
    h("header", null, h("h2", null, title)),
    h("div", { class: "panel-body" }, children),
  );

const LONGEST = 60_000;

/** A JSON value, indented and coloured. @param {any} value */
export function json(value) {
  const text = JSON.stringify(value, null, 2) ?? "";
  const shown = text.slice(0, LONGEST);
  const parts = shown.split(/("(?:[^"\\]|\\.)*"(?:\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)/i);
  return h(
    "pre",
    { class: "json", tabindex: "0" },
    parts.map((part, i) =>
      i % 2 === 0
        ? part
        : h(
            "span",
            { class: part.endsWith(":") ? "json-key" : part.startsWith('"') ? "json-text" : "json-value" },
            part,
          ),
    ),
    text.length > LONGEST && `\n… ${t("log.cut", { n: text.length - LONGEST })}`,
  );
}

/**
 * Runs one request at a time; what is asked meanwhile replaces what waits. For sliders: the newest wish wins.
 *
 * @param {(...args: any[]) => Promise<void>} work
 */
export function latest(work) {
  let running = false;
  let next = null;
  const run = async (...args) => {
    if (running) return void (next = args);
    running = true;
    try {
      await work(...args);
    } finally {
      running = false;
      if (next) {
        const wish = next;
        next = null;
        run(...wish);
      }
    }
  };
  return run;
}
