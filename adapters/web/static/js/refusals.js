// What the server refuses, in the reader's language.

import { current, has, t } from "./i18n.js";

/** Refusals that time heals: the time is worth more than the reason. */
const WAIT = ["too_often", "busy"];

/**
 * A refusal in words. What a code means, by itself or at a field, has words in every language; only where these are too
 * general, the server's own (English) sentence is added, and on English pages it stands alone.
 *
 * @param {import("./api.js").Problem} problem
 * @returns {string}
 */
export function refusal(problem) {
  const { code, status, field, retryAfter, body } = problem;
  if (body?.told) return body.told;
  const word = typeof code === "string" ? code : null;
  if (word && has(`problems.${word}`) && !(retryAfter && WAIT.includes(word))) return t(`problems.${word}`);
  const group = word ?? (code ? `c${Math.abs(code)}` : `s${status}`);
  const place = String(field ?? "")
    .split(".")
    .pop();
  if (place && place !== "any" && has(`refusals.${group}.${place}`)) return t(`refusals.${group}.${place}`);
  if (retryAfter && (status === 429 || status === 503)) return t("problems.wait", { n: retryAfter });
  const { code: kind, limit } = body?.errors?.[0] ?? {};
  const input =
    kind && has(`refusals.input.${kind}`) ? t(`refusals.input.${kind}`, limit == null ? {} : { limit }) : "";
  if (input && !input.includes("{")) return input;
  const detail = body?.detail;
  if (detail && current() === "en") return detail;
  if (status >= 500 && !detail) return t("problems.server", { status });
  const general = has(`refusals.${group}.any`) ? t(`refusals.${group}.any`) : null;
  if (!general) return problem.message;
  return detail ? t("problems.because", { text: general, detail }) : `${general}.`;
}
