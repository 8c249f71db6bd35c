import { fill, h, icon, uid } from "../dom.js";

/**
 * @typedef {object} Leaf
 * @property {(Node | string)[]} line what stands in the line
 * @property {(Node | string)[]} [body] more, shown while the node is open
 * @property {string} [href] where Enter and a click on its link lead
 * @property {boolean} [open]
 * @property {boolean} [here] the node one came from
 * @property {Leaf[]} [children]
 */

/**
 * A tree of causes and effects. Arrows walk, right opens and left closes, * opens all beside, Home and End go to the ends,
 * Enter follows the node's link.
 */
export class GmTree extends HTMLElement {
  /** @param {{label: string, roots: Leaf[]}} data */
  set data({ label, roots }) {
    this.leaves = new Map();
    this.tree = h(
      "ul",
      { class: "gx-tree", role: "tree", "aria-label": label },
      roots.map((leaf, i) => this.#node(leaf, 1, i, roots.length)),
    );
    this.tree.addEventListener("keydown", (event) => this.#pressed(event));
    this.tree.addEventListener("click", (event) => this.#clicked(event));
    this.tree.addEventListener("focusin", (event) => this.#focused(event));
    fill(this, this.tree);
    const first = this.tree.querySelector(".gx-here") ?? this.tree.querySelector("[role=treeitem]");
    first?.setAttribute("tabindex", "0");
  }

  #node(leaf, level, index, of) {
    const many = Boolean(leaf.children?.length || leaf.body?.length);
    const open = many && leaf.open !== false;
    const id = uid("leaf");
    const item = h(
      "li",
      {
        class: leaf.here ? "gx-item gx-here" : "gx-item",
        role: "treeitem",
        tabindex: "-1",
        "aria-level": level,
        "aria-posinset": index + 1,
        "aria-setsize": of,
        "aria-labelledby": id,
        "aria-expanded": many ? String(open) : null,
        "aria-current": leaf.here ? "true" : null,
      },
      h(
        "div",
        { class: "gx-line" },
        h("span", { class: many ? "gx-turn" : "gx-turn gx-none" }, icon("right")),
        h("div", { class: "gx-words", id }, leaf.line),
      ),
    );
    this.leaves.set(item, { leaf, level });
    if (open) this.#unfold(item);
    return item;
  }

  #unfold(item) {
    const { leaf, level } = this.leaves.get(item);
    item.setAttribute("aria-expanded", "true");
    if (item.querySelector(":scope > .gx-in")) return;
    const children = leaf.children ?? [];
    item.append(
      h(
        "div",
        { class: "gx-in", role: "none" },
        leaf.body?.length ? h("div", { class: "gx-body" }, leaf.body) : null,
        children.length
          ? h(
              "ul",
              { role: "group" },
              children.map((child, i) => this.#node(child, level + 1, i, children.length)),
            )
          : null,
      ),
    );
  }

  #turn(item, open) {
    if (!item.hasAttribute("aria-expanded")) return;
    if (open) this.#unfold(item);
    else item.setAttribute("aria-expanded", "false");
  }

  get #visible() {
    return [...this.tree.querySelectorAll("[role=treeitem]")].filter(
      (item) => !item.parentElement.closest('[aria-expanded="false"]'),
    );
  }

  #focused(event) {
    const item = event.target.closest("[role=treeitem]");
    for (const other of this.tree.querySelectorAll('[tabindex="0"]'))
      if (other !== item) other.setAttribute("tabindex", "-1");
    item?.setAttribute("tabindex", "0");
  }

  #clicked(event) {
    if (event.target.closest("a, button")) return;
    const item = event.target.closest("[role=treeitem]");
    if (!item || !event.target.closest(".gx-line")) return;
    this.#turn(item, item.getAttribute("aria-expanded") !== "true");
    item.focus();
  }

  #pressed(event) {
    const item = event.target.closest("[role=treeitem]");
    if (!item || event.target !== item || event.ctrlKey || event.metaKey || event.altKey) return;
    const items = this.#visible;
    const at = items.indexOf(item);
    const open = item.getAttribute("aria-expanded");
    const goto = (target) => target?.focus();
    const acts = {
      ArrowDown: () => goto(items[at + 1]),
      ArrowUp: () => goto(items[at - 1]),
      ArrowRight: () => (open === "false" ? this.#turn(item, true) : goto(item.querySelector("[role=treeitem]"))),
      ArrowLeft: () =>
        open === "true" ? this.#turn(item, false) : goto(item.parentElement.closest("[role=treeitem]")),
      Home: () => goto(items[0]),
      End: () => goto(items.at(-1)),
      "*": () => [...item.parentElement.children].forEach((other) => this.#turn(other, true)),
      Enter: () =>
        this.leaves.get(item).leaf.href
          ? (location.hash = this.leaves.get(item).leaf.href)
          : this.#turn(item, open !== "true"),
    };
    if (!(event.key in acts)) return;
    acts[event.key]();
    event.preventDefault();
    event.stopPropagation();
  }
}

customElements.define("gm-tree", GmTree);
