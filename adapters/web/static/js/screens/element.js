// One element: read, edited, looked back on.

import * as api from "../api.js";
import { fill, h, icon } from "../dom.js";
import { confirmed } from "../elements/gm-dialog.js";
import { menuButton } from "../elements/gm-menu.js";
import { toast, toastProblem } from "../elements/gm-toast.js";
import { t, when } from "../i18n.js";
import { remember, rememberReferences } from "../names.js";
import { go, href, setQuery } from "../router.js";
import { schemaOf } from "../schemas.js";
import { empty, note } from "../states.js";
import { openVisibility, visibilityBadge } from "../visibility.js";
import { page } from "../view.js";
import { aside } from "./element-aside.js";
import { editForm } from "./element-edit.js";
import { history } from "./element-history.js";
import { readView } from "./element-read.js";

/** @param {import("../view.js").View} view */
export async function show(view) {
  const id = view.params.element;
  const at = view.query.get("at");
  const as = view.query.get("as");
  let found;
  try {
    found = await api.ask("GET", `/api/element/${encodeURIComponent(id)}`, {
      signal: view.signal,
      query: { at, view_as: as },
    });
  } catch (error) {
    if (error.status !== 410) throw error;
    return gone(view, error.body);
  }
  const { data, headers } = found;
  const schema = await schemaOf(data.kind);
  const element = { ...data, etag: headers.get("ETag") };
  const name = element.fields.name ?? element.name;
  remember([{ element_id: id, kind: element.kind, name }, ...(element.backlinks ?? [])]);
  rememberReferences(element.references);
  const asItIs = !at && !as && !view.campaign.archived;
  const changing = view.master && asItIs;
  const body = h("div");
  const tabs = h("div", { class: "tabs", role: "tablist", "aria-label": name });
  const modes = { read: t("elements.read"), edit: t("elements.edit"), history: t("elements.history") };
  let mode = "";
  let dirty = () => false;

  const draw = async (next, options = {}) => {
    if (
      mode === "edit" &&
      next !== "edit" &&
      dirty() &&
      !(await confirmed({
        title: t("elements.discard"),
        text: t("elements.discardText"),
        confirm: t("elements.discardYes"),
        danger: true,
      }))
    )
      return;
    mode = next;
    setQuery({ mode: next === "read" ? null : next });
    fill(
      tabs,
      Object.entries(modes)
        .filter(([one]) => one !== "edit" || changing)
        .filter(([one]) => one !== "history" || view.master)
        .map(([one, text]) =>
          h(
            "button",
            {
              class: "tab",
              type: "button",
              role: "tab",
              "aria-selected": String(one === mode),
              on: { click: () => draw(one) },
            },
            text,
          ),
        ),
    );
    dirty = () => false;
    view.holds(null);
    if (mode === "edit") {
      const editor = editForm({
        element,
        schema,
        campaign: view.campaign,
        cancel: () => draw("read"),
        saved,
        conflict: view.reload,
        focus: options.focus,
      });
      dirty = editor.dirty;
      view.holds(dirty);
      fill(body, editor.node);
    } else if (mode === "history") fill(body, history({ view, element, schema, changed: view.reload }));
    else
      fill(
        body,
        readView({
          element,
          schema,
          campaign: view.campaign,
          master: view.master && !as,
          edit: changing ? (field) => draw("edit", { focus: field }) : null,
        }),
      );
  };

  function saved(made) {
    toast(t("elements.saved"), { action: { label: t("elements.undo"), run: () => undo(made?.version) } });
    mode = "";
    setQuery({ mode: null });
    view.reload();
  }

  async function undo(version) {
    try {
      await api.post(`/api/elements/${encodeURIComponent(id)}/undo`, { version: version ?? Number(element.version) });
      toast(t("elements.undone"));
      view.reload();
    } catch (error) {
      toastProblem(error);
    }
  }

  async function removeIt() {
    if (
      !(await confirmed({
        title: t("elements.remove"),
        text: t("elements.removeText", { name }),
        confirm: t("elements.remove"),
        danger: true,
      }))
    )
      return;
    try {
      await api.remove(`/api/elements/${encodeURIComponent(id)}`, { version: element.etag ?? element.version });
      toast(t("elements.removed"), { action: { label: t("elements.undo"), run: () => restore(view) } });
      go(href("/c/:campaign/elements/:kind", { campaign: view.campaign.campaign_id, kind: element.kind }));
    } catch (error) {
      toastProblem(error);
    }
  }

  const players = (view.campaign.members ?? []).filter((one) => one.role === "player" || one.role === "observer");
  const showing = () => openVisibility({ ...element, element_id: id }, view.campaign, view.reload);
  const more = () => [
    { label: t("visibility.title"), icon: "eye", run: showing },
    ...players.map((one) => ({
      label: t("elements.viewAs", { name: one.display ?? one.name }),
      icon: "person",
      run: () => go(href("/c/:campaign/e/:element", view.params, { as: one.account_id })),
    })),
    {
      label: t("generate.improve"),
      icon: "spark",
      run: async () =>
        (await import("../elements/generate-dialog.js")).openGenerate(view.campaign, {
          kind: element.kind,
          about: { id, name },
        }),
    },
    { label: t("elements.undoLast"), icon: "undo", run: () => undo(Number(element.version)) },
    { label: t("elements.remove"), icon: "trash", danger: true, run: removeIt },
  ];
  view.title(name);
  view.render(
    page(
      {
        wide: true,
        over: [
          h(
            "a",
            { href: href("/c/:campaign/elements/:kind", { campaign: view.campaign.campaign_id, kind: element.kind }) },
            t(`kindsMany.${element.kind}`),
          ),
          element.fields.type && h("span", { class: "badge" }, element.fields.type),
          view.master && visibilityBadge(element.visibility, changing ? showing : null),
        ],
        title: name,
        lead: element.fields.summary,
        actions: changing
          ? [
              h(
                "button",
                { class: "button button--primary", type: "button", on: { click: () => draw("edit") } },
                icon("edit"),
                t("elements.edit"),
              ),
              menuButton({ label: t("elements.actions"), icon: "more", class: "button button--icon", items: more }),
            ]
          : [],
      },
      at && banner(t("elements.asOf", { at: /^\d+$/.test(at) ? `@${at}` : when(at) }), view),
      as && banner(t("elements.asSeenBy", { name: players.find((one) => one.account_id === as)?.name ?? as }), view),
      tabs,
      h("div", { class: "beside" }, body, aside({ view, element: { ...element, element_id: id, name }, changing })),
    ),
  );
  draw(
    view.query.get("mode") === "edit" && changing
      ? "edit"
      : view.query.get("mode") === "history" && view.master
        ? "history"
        : "read",
  );
}

/** A removed element: what it was called, and the way back. */
function gone(view, about) {
  view.title(about.name ?? t("elements.one"));
  view.render(
    page(
      { title: about.name ?? t("elements.one") },
      empty({
        icon: about.kind ?? "trash",
        title: t("elements.removed"),
        text: t("elements.removedText"),
        action:
          view.master &&
          h(
            "button",
            { class: "button button--primary", type: "button", on: { click: () => restore(view) } },
            icon("undo"),
            t("elements.restore"),
          ),
      }),
    ),
  );
}

async function restore(view) {
  try {
    await api.post(`/api/elements/${encodeURIComponent(view.params.element)}/restore`);
    toast(t("elements.restored"));
    const there = href("/c/:campaign/e/:element", view.params);
    if (location.hash === there) view.reload();
    else go(there);
  } catch (error) {
    toastProblem(error);
  }
}

const banner = (text, view) =>
  note(
    "warn",
    h(
      "p",
      { class: "spread" },
      h("span", null, text),
      h("a", { href: href("/c/:campaign/e/:element", view.params) }, t("elements.backToNow")),
    ),
  );
