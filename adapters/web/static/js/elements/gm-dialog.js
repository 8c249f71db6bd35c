// Dialogs: the native one, with a heading, a body and actions.

import { h, icon, uid } from "../dom.js";
import { t } from "../i18n.js";

/** `<gm-dialog>` holds one native dialog and goes with it. */
class GmDialog extends HTMLElement {
  connectedCallback() {
    const dialog = this.querySelector("dialog");
    dialog?.addEventListener("close", () => this.remove());
    dialog?.addEventListener("click", (event) => {
      if (event.target === dialog && dialog.dataset.light) dialog.close();
    });
  }
}
customElements.define("gm-dialog", GmDialog);

/**
 * Opens a dialog. A form inside closes it by itself calling `close`.
 *
 * @param {{title: string, body: any, actions?: any, bare?: boolean, class?: string, wide?: boolean}} about `bare`: the title is only
 *   spoken, a click beside it closes
 * @returns {HTMLDialogElement}
 */
export function openDialog(about) {
  const id = uid("dialog");
  const dialog = /** @type {HTMLDialogElement} */ (
    h(
      "dialog",
      {
        class: ["dialog", about.wide && "dialog--wide", about.class].filter(Boolean).join(" "),
        "aria-labelledby": id,
        data: { light: about.bare ? "1" : null },
      },
      about.bare
        ? h("h2", { class: "visually-hidden", id }, about.title)
        : h(
            "header",
            { class: "dialog-head" },
            h("h2", { id }, about.title),
            h(
              "button",
              {
                class: "button button--icon",
                type: "button",
                "aria-label": t("actions.close"),
                on: { click: () => dialog.close() },
              },
              icon("close"),
            ),
          ),
      h("div", { class: about.bare ? null : "dialog-body" }, about.body),
      about.actions && h("footer", { class: "dialog-foot" }, about.actions),
    )
  );
  document.body.appendChild(h("gm-dialog", null, dialog));
  dialog.showModal();
  return dialog;
}

/**
 * Asks before something that is not easily taken back.
 *
 * @param {{title: string, text: any, confirm: string, danger?: boolean}} about
 * @returns {Promise<boolean>}
 */
export function confirmed(about) {
  return new Promise((resolve) => {
    let answer = false;
    const say = (value) => () => {
      answer = value;
      dialog.close();
    };
    const dialog = openDialog({
      title: about.title,
      body: h("p", null, about.text),
      actions: [
        h("button", { class: "button", type: "button", on: { click: say(false) } }, t("actions.cancel")),
        h(
          "button",
          {
            class: about.danger ? "button button--danger" : "button button--primary",
            type: "button",
            on: { click: say(true) },
          },
          about.confirm,
        ),
      ],
    });
    dialog.addEventListener("close", () => resolve(answer));
  });
}
