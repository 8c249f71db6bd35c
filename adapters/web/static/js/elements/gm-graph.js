import { fill, h, icon, later, s } from "../dom.js";
import { number, t, tOr } from "../i18n.js";
import { Camera } from "./graph/camera.js";
import { CanvasPainter } from "./graph/canvas.js";
import { layout } from "./graph/layout.js";
import { beyond, look, outline, scene } from "./graph/scene.js";
import { SvgPainter } from "./graph/svg.js";
import { sheet } from "./sheet.js";

const MOST_SVG = 300;
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** What a kind of node or edge is called. */
export const kindName = (kind) => tOr(`graph.kinds.${kind}`, tOr(`kinds.${kind}`, kind.replaceAll("_", " ")));

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
  #places = {};
  #hidden = new Set();
  #chosen = null;
  #alone = false;
  #camera = new Camera();
  #asked = 0;
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
    this.worker?.terminate();
    this.worker = null;
  }

  /** @param {{nodes: {id: string, kind: string, label: string}[], edges: {from: string, to: string, kind: string, label?: string, weight?: number, signed?: boolean}[], empty?: string}} data */
  set data({ nodes, edges, empty }) {
    this.#nodes = nodes;
    this.#edges = edges;
    this.note.textContent = empty ?? t("graph.empty");
    this.#kinds();
    this.#arrange(this.#places);
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
    if (ids.every((id) => fixed[id])) return this.#draw();
    const edges = this.#edges.map(({ from, to, weight }) => ({ from, to, weight }));
    this.#asked += 1;
    const placed = ({ places, ask }) => {
      if (ask !== this.#asked) return;
      this.#places = { ...fixed, ...places };
      this.#draw();
    };
    try {
      this.worker ??= new Worker(new URL("./graph/worker.js", import.meta.url), { type: "module" });
      this.worker.onmessage = ({ data }) => placed(data);
      this.worker.onerror = () => placed({ places: layout(ids, edges, fixed), ask: this.#asked });
      this.worker.postMessage({ ids, edges, fixed, ask: this.#asked });
    } catch {
      placed({ places: layout(ids, edges, fixed), ask: this.#asked });
    }
  }

  #draw() {
    this.scene = scene(this.#nodes, this.#edges, {
      hidden: this.#hidden,
      chosen: this.#chosen,
      alone: this.#alone,
      places: this.#places,
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
    if (chosen) this.#about(chosen);
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

  #kinds() {
    const kinds = new Map();
    for (const node of this.#nodes)
      kinds.set(`node:${node.kind}`, [node.kind, (kinds.get(`node:${node.kind}`)?.[1] ?? 0) + 1]);
    for (const edge of this.#edges)
      kinds.set(`edge:${edge.kind}`, [edge.kind, (kinds.get(`edge:${edge.kind}`)?.[1] ?? 0) + 1]);
    for (const key of this.#hidden) if (!kinds.has(key)) kinds.set(key, [key.slice(5), 0]);
    fill(
      this.legend,
      [...kinds]
        .sort(([a], [b]) => b.slice(0, 4).localeCompare(a.slice(0, 4)) || a.localeCompare(b))
        .map(([key, [kind, count]]) => this.#key(key, kind, count)),
    );
  }

  #key(key, kind, count) {
    const [shape, hue] = look(kind);
    const picture = key.startsWith("node:")
      ? s(
          "svg",
          { class: `gg-sample hue-${hue}`, viewBox: "-9 -9 18 18", "aria-hidden": "true" },
          s("path", { class: "gg-shape", d: outline(shape, 6) }),
        )
      : s(
          "svg",
          { class: "gg-sample", viewBox: "-9 -9 18 18", "aria-hidden": "true" },
          s("path", { class: "gg-edge gg-plain", d: "M-8 5L8 -5", "stroke-width": 2 }),
        );
    const turn = (event) => {
      if (!this.#hidden.delete(key)) this.#hidden.add(key);
      event.currentTarget.setAttribute("aria-pressed", String(!this.#hidden.has(key)));
      this.#draw();
    };
    return h(
      "button",
      { type: "button", class: "gg-key", "aria-pressed": String(!this.#hidden.has(key)), on: { click: turn } },
      picture,
      kindName(kind),
      h("span", { class: "faint" }, number(count)),
    );
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

  #list() {
    const link = (node) => (this.href(node) ? h("a", { href: this.href(node) }, node.label) : node.label);
    fill(
      this.words,
      h("h3", null, t("graph.edges")),
      sheet({
        label: t("graph.edges"),
        columns: [
          { title: t("graph.from"), value: (edge) => edge.a.label, cell: (edge) => link(edge.a) },
          { title: t("graph.relation"), value: (edge) => edge.label || kindName(edge.kind) },
          { title: t("graph.to"), value: (edge) => edge.b.label, cell: (edge) => link(edge.b) },
          {
            title: t("graph.weight"),
            numeric: true,
            value: (edge) => edge.weight ?? null,
            cell: (edge) => (edge.weight == null ? "–" : number(edge.weight, { maximumFractionDigits: 2 })),
          },
        ],
        rows: this.scene.edges,
        empty: t("graph.noEdges"),
      }),
      h("h3", null, t("graph.nodes")),
      sheet({
        label: t("graph.nodes"),
        columns: [
          { title: t("graph.name"), value: (node) => node.label, cell: link },
          { title: t("graph.kind"), value: (node) => kindName(node.kind) },
          { title: t("graph.ties"), numeric: true, value: (node) => node.ties, cell: (node) => number(node.ties) },
        ],
        rows: this.scene.nodes,
        empty: this.note.textContent,
      }),
    );
  }

  #about(node) {
    const ties = this.scene.edges.filter((edge) => edge.from === node.id || edge.to === node.id);
    ties.sort((a, b) => Math.abs(b.weight ?? 0) - Math.abs(a.weight ?? 0));
    const way = this.href(node);
    const tie = (edge) => {
      const out = edge.from === node.id;
      const other = out ? edge.b : edge.a;
      return h(
        "li",
        { class: `gg-tie gg-${edge.sense}` },
        h("span", { class: "faint" }, `${out ? "→" : "←"} ${edge.label || kindName(edge.kind)}`),
        h("button", { type: "button", class: "link", on: { click: () => this.choose(other.id) } }, other.label),
        edge.weight == null
          ? null
          : h(
              "span",
              { class: "num faint" },
              number(edge.weight, { maximumFractionDigits: 2, signDisplay: edge.signed ? "exceptZero" : "auto" }),
            ),
      );
    };
    fill(
      this.side,
      h(
        "div",
        { class: "gg-about" },
        h("h3", null, way ? h("a", { href: way }, node.label) : node.label),
        h(
          "button",
          {
            type: "button",
            class: "button button--icon",
            "aria-label": t("graph.close"),
            on: { click: () => this.choose(null) },
          },
          icon("close"),
        ),
      ),
      h("p", { class: "faint" }, node.said.replace(`${node.label}, `, "")),
      h("ul", { class: "gg-ties" }, ties.slice(0, 40).map(tie)),
    );
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

  #spot(event) {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #hit(event) {
    const id = event.target.closest?.(".gg-node")?.dataset.id;
    if (id) return this.scene.byId.get(id);
    if (this.painter instanceof SvgPainter) return null;
    const [x, y] = this.#camera.place(...this.#spot(event), this.stage.clientWidth, this.stage.clientHeight);
    return this.scene.nodes.find((node) => Math.hypot(node.x - x, node.y - y) < node.r + 4 / this.#camera.k) ?? null;
  }

  #listen() {
    this.stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.#zoom(Math.exp(-Math.max(-120, Math.min(120, event.deltaY)) / 300), ...this.#spot(event));
    });
    this.stage.addEventListener("pointerdown", (event) => this.#drag(event));
    this.stage.addEventListener("dblclick", (event) => this.#open(this.#hit(event)));
    this.stage.addEventListener("keydown", (event) => this.#pressed(event));
  }

  /** Moves a node, or the whole picture; without a movement it chooses. */
  #drag(event) {
    if (event.button !== 0 || !this.scene) return;
    const node = this.#hit(event);
    let [x, y] = this.#spot(event);
    let moved = false;
    const move = (next) => {
      const [nx, ny] = this.#spot(next);
      if (!moved && Math.hypot(nx - x, ny - y) < 4) return;
      moved = true;
      if (node) this.#places[node.id] = this.#camera.place(nx, ny, this.stage.clientWidth, this.stage.clientHeight);
      else this.#camera.pan(nx - x, ny - y);
      [x, y] = [nx, ny];
      if (node) this.#draw();
      else this.#look();
    };
    const ends = new AbortController();
    const end = () => {
      ends.abort();
      if (!moved) this.choose(node && node.id !== this.#chosen ? node.id : null);
      if (node && this.painter instanceof SvgPainter) this.painter.focus(node.id);
    };
    window.addEventListener("pointermove", move, { signal: ends.signal });
    window.addEventListener("pointerup", end, { signal: ends.signal });
    window.addEventListener("pointercancel", () => ends.abort(), { signal: ends.signal });
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
