import { fill, h, icon, later } from "../dom.js";
import { t } from "../i18n.js";
import { about } from "./graph/about.js";
import { Camera } from "./graph/camera.js";
import { CanvasPainter } from "./graph/canvas.js";
import { gestures } from "./graph/gestures.js";
import { kindName } from "./graph/kinds.js";
import { legend } from "./graph/legend.js";
import { Placing } from "./graph/placing.js";
import { beyond, scene } from "./graph/scene.js";
import { SvgPainter } from "./graph/svg.js";
import { tables } from "./graph/tables.js";

const MOST_SVG = 300;
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * A graph that keeps its shape: a node once placed stays where it is, whatever the data become, so that travelling through
 * time shows what changes and nothing else. The layout is computed in a worker.
 *
 * Arrows walk from node to node, Enter opens, space chooses (its neighbours stay bright), + and - zoom, 0 shows all. The
 * same data stand in tables, at a button's press. Fires `open` with `{id, node}`.
 */
export class GmGraph extends HTMLElement {
  #nodes = [];
  #edges = [];
  #placing = new Placing();
  #hidden = new Set();
  #chosen = null;
  #alone = false;
  #camera = new Camera();
  #fitted = false;
  #frame = 0;
  #tables = false;

  /** @param {{label: string, href?: (node: object) => string | null}} options `href`: where a node leads */
  configure({ label, href }) {
    this.href = href ?? (() => null);
    this.label = label;
    const tool = (name, word, act) =>
      h(
        "button",
        { type: "button", class: "button button--icon", title: t(word), "aria-label": t(word), on: { click: act } },
        icon(name),
      );
    this.find = h("input", {
      type: "search",
      class: "gg-find",
      placeholder: t("graph.find"),
      "aria-label": t("graph.find"),
      on: { input: later(() => this.#search(), 150) },
    });
    this.only = h(
      "button",
      { type: "button", class: "button button--quiet", "aria-pressed": "false", on: { click: () => this.#single() } },
      t("graph.alone"),
    );
    this.swap = h(
      "button",
      { type: "button", class: "button button--quiet", "aria-pressed": "false", on: { click: () => this.#turn() } },
      t("graph.table"),
    );
    this.count = h("span", { class: "faint", role: "status" });
    this.legend = h("div", { class: "gg-legend", role: "group", "aria-label": t("graph.kindsShown") });
    this.stage = h("div", {
      class: "gg-stage",
      role: "group",
      "aria-label": label,
      "aria-roledescription": t("graph.role"),
    });
    this.note = h("p", { class: "gg-note empty-note", hidden: true });
    this.side = h("aside", { class: "gg-side", "aria-label": t("graph.chosen"), hidden: true });
    this.words = h("div", { class: "gg-tables", hidden: true });
    fill(
      this,
      h(
        "div",
        { class: "gg-tools", role: "toolbar", "aria-label": t("graph.tools") },
        this.find,
        tool("plus", "graph.nearer", () => this.#zoom(1.4)),
        tool("minus", "graph.farther", () => this.#zoom(1 / 1.4)),
        tool("fit", "graph.all", () => this.#fit()),
        tool("refresh", "graph.arrange", () => this.arrange()),
        this.only,
        this.swap,
        this.count,
      ),
      this.legend,
      h("div", { class: "gg-box" }, this.stage, this.note, this.side),
      this.words,
    );
    this.#listen();
    this.watch = new ResizeObserver(() => this.#look());
    this.watch.observe(this.stage);
  }

  disconnectedCallback() {
    this.watch?.disconnect();
    this.#placing.end();
  }

  /** @param {{nodes: {id: string, kind: string, label: string}[], edges: {from: string, to: string, kind: string, label?: string, weight?: number, signed?: boolean}[], empty?: string}} data */
  set data({ nodes, edges, empty }) {
    this.#nodes = nodes;
    this.#edges = edges;
    this.note.textContent = empty ?? t("graph.empty");
    legend(this.legend, nodes, edges, this.#hidden, () => this.#draw());
    this.#arrange(this.#placing.places);
  }

  /** Finds places for all nodes anew. */
  arrange() {
    this.#fitted = false;
    this.#arrange({});
  }

  /** Chooses a node, or none. @param {string | null} id */
  choose(id) {
    this.#chosen = id;
    if (id === null) this.#alone = false;
    this.#draw();
  }

  #arrange(fixed) {
    const ids = this.#nodes.map((node) => node.id);
    const edges = this.#edges.map(({ from, to, weight }) => ({ from, to, weight }));
    this.#placing.find(ids, edges, fixed, () => this.#draw());
  }

  #draw() {
    this.scene = scene(this.#nodes, this.#edges, {
      hidden: this.#hidden,
      chosen: this.#chosen,
      alone: this.#alone,
      places: this.#placing.places,
    });
    for (const node of this.scene.nodes)
      node.said = t("graph.said", { name: node.label, kind: kindName(node.kind), n: node.ties });
    const Painter = this.scene.nodes.length > MOST_SVG ? CanvasPainter : SvgPainter;
    if (!(this.painter instanceof Painter)) {
      this.painter = new Painter();
      fill(this.stage, this.painter.view);
      if (Painter === CanvasPainter) this.stage.setAttribute("tabindex", "0");
      else this.stage.removeAttribute("tabindex");
    }
    this.painter.draw(this.scene);
    this.count.textContent = `${t("graph.nodesCounted", { n: this.scene.nodes.length })}, ${t("graph.edgesCounted", { n: this.scene.edges.length })}`;
    this.note.hidden = this.scene.nodes.length > 0;
    const chosen = this.scene.byId.get(this.#chosen);
    this.side.hidden = !chosen;
    if (chosen) about(this.side, chosen, this.scene, this.href, (id) => this.choose(id));
    this.only.disabled = this.#chosen === null;
    this.only.setAttribute("aria-pressed", String(this.#alone));
    if (!this.#fitted && this.scene.nodes.length) this.#fit();
    else this.#look();
    if (this.#tables) this.#list();
  }

  #look() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      const { clientWidth, clientHeight } = this.stage;
      if (!this.#fitted && this.scene?.nodes.length && clientWidth) return this.#fit();
      this.painter?.look(this.#camera, clientWidth, clientHeight);
    });
  }

  #fit() {
    const { clientWidth, clientHeight } = this.stage;
    if (clientWidth && this.scene?.nodes.length) {
      this.#camera.fit(
        this.scene.nodes.map((node) => [node.x, node.y]),
        clientWidth,
        clientHeight,
      );
      this.#fitted = true;
    }
    this.#look();
  }

  #zoom(factor, x = this.stage.clientWidth / 2, y = this.stage.clientHeight / 2) {
    this.#camera.zoom(factor, x, y, this.stage.clientWidth, this.stage.clientHeight);
    this.#look();
  }

  #single() {
    this.#alone = !this.#alone;
    this.#draw();
  }

  #turn() {
    this.#tables = !this.#tables;
    this.swap.setAttribute("aria-pressed", String(this.#tables));
    this.words.hidden = !this.#tables;
    this.querySelector(".gg-box").hidden = this.#tables;
    if (this.#tables) this.#list();
    else this.#look();
  }

  #search() {
    const wanted = this.find.value.trim().toLowerCase();
    if (!wanted) return this.choose(null);
    const found = this.scene.nodes.find((node) => node.label.toLowerCase().includes(wanted));
    if (!found) return;
    this.choose(found.id);
    [this.#camera.x, this.#camera.y] = [found.x, found.y];
    this.#look();
  }

  #list() {
    tables(this.words, this.scene, this.href, this.note.textContent);
  }

  /** The node at a spot: what an event fell on, or, on a canvas, what is near. */
  #hit(event, spot) {
    if (!this.scene) return null;
    const id = event.target.closest?.(".gg-node")?.dataset.id;
    if (id) return this.scene.byId.get(id);
    if (this.painter instanceof SvgPainter) return null;
    const [x, y] = this.#place(spot);
    return this.scene.nodes.find((node) => Math.hypot(node.x - x, node.y - y) < node.r + 4 / this.#camera.k) ?? null;
  }

  #place([x, y]) {
    return this.#camera.place(x, y, this.stage.clientWidth, this.stage.clientHeight);
  }

  #listen() {
    gestures(this.stage, {
      hit: (event, spot) => this.#hit(event, spot),
      move: (node, spot) => {
        this.#placing.places[node.id] = this.#place(spot);
        this.#draw();
      },
      pan: (dx, dy) => {
        this.#camera.pan(dx, dy);
        this.#look();
      },
      zoom: (factor, [x, y]) => this.#zoom(factor, x, y),
      choose: (node) => {
        this.choose(node && node.id !== this.#chosen ? node.id : null);
        if (node && this.painter instanceof SvgPainter) this.painter.focus(node.id);
      },
      open: (node) => this.#open(node),
    });
    this.stage.addEventListener("keydown", (event) => this.#pressed(event));
  }

  #open(node) {
    if (!node) return;
    this.dispatchEvent(new CustomEvent("open", { detail: { id: node.id, node } }));
    const way = this.href(node);
    if (way) location.hash = way;
  }

  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.scene?.nodes.length) return;
    const on = event.target.closest?.(".gg-node")?.dataset.id ?? this.#chosen;
    const node = this.scene.byId.get(on) ?? this.scene.nodes[0];
    const canvas = this.painter instanceof CanvasPainter;
    if (event.key in WAYS) {
      const next = beyond(this.scene.nodes, node, WAYS[event.key]);
      if (next && canvas) this.choose(next.id);
      else if (next) this.painter.focus(next.id);
    } else if (event.key === "Enter") this.#open(node);
    else if (event.key === " ") this.choose(node.id === this.#chosen ? null : node.id);
    else if (event.key === "Escape" && this.#chosen !== null) this.choose(null);
    else if (event.key === "+" || event.key === "=") this.#zoom(1.4);
    else if (event.key === "-") this.#zoom(1 / 1.4);
    else if (event.key === "0") this.#fit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

customElements.define("gm-graph", GmGraph);
