// The read models: how far behind each is, whether it moves, and building it anew.

import * as api from "../api.js";
import { fill, h, icon, s } from "../dom.js";
import { confirmed } from "../elements/gm-dialog.js";
import { toast, toastProblem } from "../elements/gm-toast.js";
import { number, t } from "../i18n.js";
import { word } from "../log.js";
import { failure } from "../states.js";
import { page } from "../view.js";

const EVERY = 3000;
const KEPT = 60;
const STALLED = 60_000;
const JOB_EVERY = 500;

/** @param {import("../view.js").View} view */
export async function show(view) {
  /** Lags seen since the screen was opened, by name. @type {Map<string, {at: number, lag: number, position: number}[]>} */
  const seen = new Map();
  const verdicts = new Map();
  const body = h("tbody");
  const head = h("span", { class: "faint" });
  const problem = h("div");
  const work = h("div", { role: "status" });
  view.render(
    page(
      { title: t("projections.title"), lead: t("projections.lead"), actions: [head], wide: true },
      problem,
      work,
      h(
        "div",
        { class: "sheet-box" },
        h(
          "table",
          { class: "sheet" },
          h("caption", { class: "visually-hidden" }, t("projections.title")),
          h(
            "thead",
            null,
            h(
              "tr",
              null,
              ["name", "state", "position", "lag", "trend", "rows", "checked"].map((name) =>
                h(
                  "th",
                  { scope: "col", class: ["position", "lag", "rows"].includes(name) ? "num" : null },
                  t(`projections.${name}`),
                ),
              ),
              h("th", { scope: "col" }, h("span", { class: "visually-hidden" }, t("projections.actions"))),
            ),
          ),
          body,
        ),
      ),
    ),
  );
  const read = async () => {
    try {
      const found = await api.get("/api/projections", { signal: view.signal });
      fill(problem);
      head.textContent = t("projections.head", { n: found.head ?? 0 });
      const job = found.job ?? null;
      fill(work, job && running(job));
      fill(
        body,
        found.items.map((one) => line(one, remember(seen, one), verdicts, job)),
      );
    } catch (error) {
      if (!view.signal.aborted) fill(problem, failure(error));
    }
  };
  const act = async (event) => {
    const button = event.target.closest("button[data-deed]");
    if (!button) return;
    await { rebuild, verify }[button.dataset.deed](view, button.dataset.name, verdicts);
    read();
  };
  body.addEventListener("click", act);
  await read();
  const timer = setInterval(() => document.hidden || read(), EVERY);
  view.signal.addEventListener("abort", () => clearInterval(timer));
}

function remember(seen, one) {
  const past = seen.get(one.name) ?? [];
  past.push({ at: Date.now(), lag: one.lag, position: one.position });
  if (past.length > KEPT) past.shift();
  seen.set(one.name, past);
  return past;
}

/** Behind, and no step forward in a minute. */
function stalled(past) {
  const last = past.at(-1);
  const since = past.find((each) => each.position === last.position);
  return last.lag > 0 && last.at - since.at >= STALLED;
}

function line(one, past, verdicts, job) {
  const state = stalled(past) ? "stalled" : one.state;
  const tones = { current: "good", stalled: "bad", missing: "bad" };
  const verdict = verdicts.get(one.name);
  const button = (deed, picture) =>
    h(
      "button",
      { class: "button button--small", type: "button", disabled: Boolean(job), data: { deed, name: one.name } },
      icon(picture),
      t(`projections.${deed}`),
    );
  return h(
    "tr",
    null,
    h("th", { scope: "row" }, h("b", null, one.name), " ", h("span", { class: "faint" }, `v${one.version}`)),
    h(
      "td",
      null,
      h("span", { class: `badge badge--${tones[state] ?? "warn"}` }, word("projections.states", state)),
      one.dead_letters > 0 && [
        " ",
        h("a", { href: "#/dead-letters", class: "badge badge--bad" }, t("projections.dead", { n: one.dead_letters })),
      ],
    ),
    h("td", { class: "num" }, number(one.position)),
    h("td", { class: "num" }, number(one.lag)),
    h("td", null, trend(past)),
    h("td", { class: "num" }, one.rows == null ? "–" : number(one.rows)),
    h(
      "td",
      null,
      verdict
        ? h(
            "span",
            { class: `badge badge--${verdict.good ? "good" : "bad"}` },
            t(verdict.good ? "projections.same" : "projections.differs"),
          )
        : "–",
    ),
    h("td", null, h("div", { class: "cluster cluster--end" }, button("verify", "check"), button("rebuild", "refresh"))),
  );
}

/** The job at work: what it does and how far it is. */
function running(job) {
  return h(
    "div",
    { class: "note note--info gap-below" },
    h(
      "div",
      { class: "note-body" },
      h("b", null, t(`projections.jobs.${job.action}`, { name: job.target })),
      " ",
      h("span", { class: "faint" }, `${number(job.done)} / ${number(job.total)}`),
      h("progress", {
        class: "gauge",
        max: 1,
        "aria-label": t("projections.progress"),
        value: job.total ? job.done / job.total : 0,
      }),
    ),
  );
}

function trend(past) {
  const most = Math.max(1, ...past.map((each) => each.lag));
  const points = past.map((each, i) => `${(i / (KEPT - 1)) * 100} ${19 - (each.lag / most) * 17}`);
  return s(
    "svg",
    {
      class: "spark",
      viewBox: "0 0 100 20",
      role: "img",
      "aria-label": t("projections.trendSaid", { n: past.at(-1).lag, most }),
    },
    s("polyline", { points: points.join(" ") }),
  );
}

async function rebuild(view, name, verdicts) {
  if (
    !(await confirmed({
      title: t("projections.rebuildTitle", { name }),
      text: t("projections.rebuildText"),
      confirm: t("projections.rebuild"),
    }))
  )
    return;
  verdicts.delete(name);
  const job = await done(view, name, "rebuild");
  if (job?.state === "finished") toast(t("projections.rebuilt", { name, n: job.result.commits }));
}

async function verify(view, name, verdicts) {
  const job = await done(view, name, "verify");
  const found = job?.result?.read_models?.find((one) => one.projection === name);
  if (!found) return;
  verdicts.set(name, { good: found.equal });
  toast(t(found.equal ? "projections.sameSaid" : "projections.differsSaid", { name }), {
    tone: found.equal ? "good" : "bad",
  });
}

/** Begins a job and waits for its end. Null when it could not begin, or the screen was left. */
async function done(view, name, action) {
  try {
    let job = await api.post(`/api/projections/${encodeURIComponent(name)}/${action}`, {}, { signal: view.signal });
    while (job.state === "running" && !view.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, JOB_EVERY));
      job = await api.get(`/api/jobs/${job.job_id}`, { signal: view.signal });
    }
    if (job.state === "failed") toast(job.problem || t("projections.failed"), { tone: "bad" });
    return job;
  } catch (error) {
    toastProblem(error);
    return null;
  }
}
