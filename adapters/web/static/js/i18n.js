// Words, numbers and times in the reader's language.

const LANGUAGES = ["en", "fr"];
/** @type {Record<string, any>} */
let words = {};
let language = "en";
let plural = new Intl.PluralRules("en");

/** The language to begin with: what was chosen here before, else the browser's. @returns {"en" | "fr"} */
export function preferred() {
  let chosen = null;
  try {
    chosen = localStorage.getItem("lorestream.language");
  } catch {
    // Storage may be forbidden.
  }
  const asked = chosen ?? navigator.language.slice(0, 2);
  return /** @type {any} */ (LANGUAGES.includes(asked) ? asked : "en");
}

/** Loads a language's words; the page is drawn again by whoever asked. @param {string} wanted @param {boolean} [remember] */
export async function use(wanted, remember = false) {
  const known = LANGUAGES.includes(wanted) ? wanted : "en";
  const answer = await fetch(`/static/lang/${known}.json`);
  words = await answer.json();
  language = known;
  plural = new Intl.PluralRules(known);
  document.documentElement.lang = known;
  if (!remember) return;
  try {
    localStorage.setItem("lorestream.language", known);
  } catch {
    // The choice then lasts as long as the page.
  }
}

/** @returns {string} */
export const current = () => language;

/**
 * The words under a dotted key, with `{name}` filled in. With `n` among the parameters, `key_one` / `key_other` are tried first.
 *
 * @param {string} key e.g. "campaigns.title"
 * @param {Record<string, any>} [params]
 * @returns {string} the key itself where no words exist, so that a gap shows
 */
export function t(key, params) {
  /** @type {any} */
  let text =
    params && "n" in params ? (found(`${key}_${plural.select(params.n)}`) ?? found(`${key}_other`)) : undefined;
  text ??= found(key);
  if (typeof text !== "string") return key;
  return params ? text.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? shown(params[name]) : whole)) : text;
}

/** Whether words exist for a key (for names that come from the API). @param {string} key */
export const has = (key) => typeof found(key) === "string";

/** The words for a key, or `fallback` where there are none. @param {string} key @param {string} fallback */
export const tOr = (key, fallback) => (has(key) ? t(key) : fallback);

function found(key) {
  let at = words;
  for (const part of key.split(".")) at = at?.[part];
  return at;
}

const shown = (value) => (typeof value === "number" ? number(value) : String(value ?? ""));

/** @param {number} value @param {Intl.NumberFormatOptions} [options] */
export const number = (value, options) => new Intl.NumberFormat(language, options).format(value);

/** An amount in US dollars; small ones keep their digits. @param {number | null | undefined} dollars */
export function money(dollars) {
  if (dollars == null) return "–";
  const digits = dollars !== 0 && dollars < 0.1 ? 4 : 2;
  return number(dollars, {
    style: "currency",
    currency: "USD",
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** A moment as date and time. @param {string | number | null} moment RFC 3339 */
export function when(moment) {
  if (!moment) return "–";
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(moment));
}

/** A moment relative to now ("3 hours ago"). @param {string | number | null} moment */
export function ago(moment) {
  if (!moment) return "–";
  const seconds = (new Date(moment).getTime() - Date.now()) / 1000;
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  for (const [unit, size] of /** @type {[Intl.RelativeTimeFormatUnit, number][]} */ ([
    ["year", 31557600],
    ["month", 2629800],
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
  ])) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  return Math.abs(seconds) < 5 ? t("time.now") : format.format(Math.round(seconds), "second");
}
