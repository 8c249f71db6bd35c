// Pictures: looking at one, giving an element one by upload or from a description.

import * as api from "../api.js";
import { fill, h, icon } from "../dom.js";
import { field, form, input, textarea } from "../field.js";
import { money, t, tOr, when } from "../i18n.js";
import { failure, skeleton } from "../states.js";
import { confirmed, openDialog } from "./gm-dialog.js";
import { toast } from "./gm-toast.js";

/** Shows a picture whole, with where it came from. @param {string} id @param {{removed?: () => void}} [may] `removed`: lets it be removed */
export async function openImage(id, may = {}) {
  const gone = new AbortController();
  const address = `/api/images/${encodeURIComponent(id)}`;
  const place = h("div", { class: "image-whole" }, skeleton(4));
  const remove = async () => {
    if (
      !(await confirmed({
        title: t("images.remove"),
        text: t("images.removeText"),
        confirm: t("images.remove"),
        danger: true,
      }))
    )
      return;
    try {
      await api.remove(address);
      dialog.close();
      toast(t("images.removed"));
      may.removed?.();
    } catch (error) {
      fill(place, failure(error));
    }
  };
  const dialog = openDialog({
    title: t("images.one"),
    wide: true,
    body: place,
    actions: may.removed && [
      h(
        "button",
        { class: "button button--danger", type: "button", on: { click: remove } },
        icon("trash"),
        t("images.remove"),
      ),
    ],
  });
  dialog.addEventListener("close", () => gone.abort());
  try {
    const [source, about] = await Promise.all([
      api.picture(`${address}?size=full`, gone.signal),
      api.get(`${address}/about`, { signal: gone.signal }),
    ]);
    const from = about.provenance ?? {};
    const route = from.route ?? about.route;
    const facts = [
      [t("images.alt"), about.alt],
      [t("images.prompt"), from.prompt ?? about.prompt],
      [t("images.madeBy"), from.model ?? tOr(`images.sources.${about.route}`, about.route ?? "")],
      [t("images.licence"), about.licence],
      [t("images.size"), about.width && `${about.width} × ${about.height}`],
      [t("images.cost"), from.cost ? money(from.cost / 1e9) : null],
      [t("images.at"), about.created_at && when(about.created_at)],
    ].filter(([, value]) => value);
    fill(
      place,
      h("img", { src: source, alt: about.alt || t("images.noAlt") }),
      h(
        "dl",
        { class: "facts" },
        facts.map(([name, value]) => [h("dt", null, name), h("dd", null, value)]),
      ),
    );
  } catch (error) {
    if (!gone.signal.aborted) fill(place, failure(error));
  }
}

/** Waits until a picture that was asked for is there. @throws when it could not be made */
async function drawn(asked) {
  for (let tries = 0; tries < 240; tries += 1) {
    const found = await api.get(`/api/images/${encodeURIComponent(asked.image_id)}/about`);
    if (found.status === "stored") return found;
    if (found.status !== "requested")
      throw new api.Problem(502, found.problem ? { detail: found.problem } : { told: t("images.notMade") });
    await new Promise((go) => setTimeout(go, tries < 10 ? 300 : 1000));
  }
  throw new api.Problem(503, { told: t("images.notMade") });
}

/**
 * Gives something a picture.
 *
 * @param {any} campaign
 * @param {any} element with `element_id`, `version`, `name`; null: one for the gallery
 * @param {() => void} done
 * @param {{save?: (made: any) => Promise<any>, draws?: boolean}} [how] `save` puts the picture in its place, where that is no
 *   element's; without `draws` it can only be brought, not made
 */
export function openImageFor(campaign, element, done, { save, draws = true } = {}) {
  const about = { campaign_id: campaign.campaign_id, element_id: element?.element_id ?? null };
  const prompt = textarea({
    rows: 4,
    required: true,
    maxlength: 2000,
    value: element ? [element.name, element.fields?.summary].filter(Boolean).join(": ") : "",
  });
  const progress = h("p", { class: "hint", role: "status" });
  const finish = async (made) => {
    if (save) await save(made);
    else if (element)
      await api.patch(
        `/api/elements/${encodeURIComponent(element.element_id)}`,
        { fields: { image_id: made.image_id } },
        { version: element.etag ?? element.version },
      );
    dialog.close();
    toast(t("images.added"));
    done();
  };
  const draw = form({
    fields: { prompt: field(t("images.prompt"), prompt, { hint: t("images.promptHint") }) },
    tail: progress,
    submit: t("images.draw"),
    icon: "spark",
    send: async (values) => {
      progress.textContent = t("generate.working");
      try {
        await finish(await drawn(await api.post("/api/images/generate", { ...about, ...values })));
      } finally {
        progress.textContent = "";
      }
    },
  });
  const file = input({ type: "file", accept: "image/png,image/jpeg,image/webp", required: true });
  const upload = form({
    fields: {
      file: field(t("images.file"), file, { hint: t("images.fileHint") }),
      alt: field(t("images.alt"), input({ maxlength: 300, value: element?.name }), { hint: t("images.altHint") }),
    },
    submit: t("images.upload"),
    icon: "upload",
    send: async (values) => {
      const body = new FormData();
      for (const [name, value] of Object.entries({ ...about, alt: values.alt })) if (value) body.append(name, value);
      body.append("file", /** @type {any} */ (file).files[0]);
      await finish((await api.ask("POST", "/api/images", { body })).data);
    },
  });
  const dialog = openDialog({
    title: t("images.add"),
    wide: draws,
    body: draws
      ? h(
          "div",
          { class: "columns columns--split" },
          h("section", { class: "stack" }, h("h3", null, t("images.upload")), upload),
          h("section", { class: "stack" }, h("h3", null, t("images.draw")), draw),
        )
      : upload,
  });
}
