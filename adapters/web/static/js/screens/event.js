// One commit of the log in full: the command, its events, and why it came to be.

import * as api from "../api.js";
import { h, icon } from "../dom.js";
import "../elements/gm-tree.js";
import { number, t } from "../i18n.js";
import { clock, decisionLink, eventType, facts, json, positionLink, section, streamLink, traceLink } from "../log.js";
import { href } from "../router.js";
import { note } from "../states.js";
import { page, region } from "../view.js";
import { whyTree } from "../why.js";

/** @param {import("../view.js").View} view */
export async function show(view) {
  const position = Number(view.params.position);
  view.title(t("event.at", { position }));
  const beside = (step, name, word) =>
    h(
      "a",
      {
        class: "button button--icon",
        href: href("/event/:position", { position: position + step }),
        "aria-label": t(word),
        title: t(word),
        "aria-disabled": position + step < 1 ? "true" : null,
      },
      icon(name),
    );
  view.render(
    page(
      {
        title: t("event.at", { position: number(position) }),
        over: h("a", { href: href("/feed", {}, { at: position }) }, t("event.inFeed")),
        actions: [beside(-1, "left", "event.previous"), beside(1, "right", "event.next")],
        wide: true,
      },
      h(
        "div",
        { class: "columns columns--wide" },
        region(view, () => commitDetail(view, position, false), 6),
        section(
          t("why.title"),
          region(view, () => whyTree(view, position)),
        ),
      ),
    ),
  );
}

/**
 * What is known of the commit at a position.
 *
 * @param {import("../view.js").View} view
 * @param {number} position
 * @param {boolean} brief beside a list: with links to the pages that say more
 */
export async function commitDetail(view, position, brief) {
  const commit = await api.get(`/api/events/${position}`, { signal: view.signal });
  if (commit.unreadable)
    return [note("bad", commit.unreadable), h("pre", { class: "said", tabindex: "0" }, commit.raw)];
  const { command, actor, events } = commit;
  const decision = commit.stream.startsWith("decision/") ? commit.stream.slice(9) : null;
  return h(
    "div",
    { class: "stack" },
    brief &&
      h(
        "div",
        { class: "cluster" },
        h(
          "a",
          { class: "button button--small", href: href("/event/:position", { position }) },
          icon("eye"),
          t("event.page"),
        ),
        h(
          "a",
          {
            class: "button button--small",
            href: href("/trace/:correlation", { correlation: commit.correlation_id }, { at: position }),
          },
          icon("graph"),
          t("event.trace"),
        ),
      ),
    facts([
      [t("event.time"), clock(commit.time)],
      [t("event.stream"), [streamLink(commit.stream, position), ` v${commit.version}`]],
      [t("event.command"), h("span", { class: "mono" }, command.name)],
      [
        t("event.actor"),
        [
          `${actor.kind}/${actor.id}`,
          actor.trusted === false && h("span", { class: "badge badge--warn" }, t("event.claimed")),
        ],
      ],
      [t("event.correlation"), traceLink(commit.correlation_id)],
      [t("event.causation"), commit.cause && positionLink(commit.cause)],
      [
        t("event.effects"),
        commit.effects?.length > 0 && h("span", { class: "cluster" }, commit.effects.slice(0, 20).map(positionLink)),
      ],
      [t("event.decision"), decision && decisionLink(decision)],
    ]),
    events.map((event) =>
      h("section", null, h("h3", { class: "event-head" }, eventType(event.type)), json(event.data)),
    ),
    h("details", { open: !brief }, h("summary", null, t("event.arguments")), json(command.args)),
  );
}
