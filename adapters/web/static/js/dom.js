// Builds the page. Whatever comes from the API goes through text nodes; only `safeHtml` ever reads markup.

/** @typedef {Node | string | number | null | undefined | false} Child */

const PROPERTIES = new Set([
  "value",
  "checked",
  "disabled",
  "selected",
  "indeterminate",
  "open",
  "hidden",
  "readOnly",
  "multiple",
  "required",
]);

/**
 * An element with its attributes, listeners and children.
 *
 * @template {string} Tag
 * @param {Tag} tag
 * @param {Record<string, any> | null} [props] attributes; besides: `class`, `on` (listeners), `data` (data-*), `vars` (CSS custom
 *   properties), and any object or function, which is set as a property. `null`, `undefined` and `false` leave an attribute out.
 * @param {...any} children each a Child or a list of them, nested at will; strings become text nodes
 * @returns {Tag extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[Tag] : HTMLElement}
 */
export function h(tag, props, ...children) {
  const element = /** @type {any} */ (document.createElement(tag));
  for (const [name, value] of Object.entries(props ?? {})) set(element, name, value);
  put(element, children);
  if (props && "value" in props && tag === "select") element.value = props.value ?? "";
  return element;
}

function set(element, name, value) {
  if (name === "style" || /^on./.test(name))
    throw new Error(`h: ${name} is not for attributes; see \`vars\` and \`on\``);
  if (name === "on") {
    for (const [event, listener] of Object.entries(value)) if (listener) element.addEventListener(event, listener);
  } else if (name === "data") {
    for (const [key, text] of Object.entries(value)) if (text != null) element.dataset[key] = String(text);
  } else if (name === "vars") {
    for (const [key, text] of Object.entries(value)) element.style.setProperty(key, String(text));
  } else if (name === "class") {
    if (value) element.className = value;
  } else if (PROPERTIES.has(name)) {
    if (value != null) element[name] = value;
  } else if (value != null && value !== false) {
    if (typeof value === "object" || typeof value === "function") element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Appends children; arrays are flattened, empty ones left out. @param {Node} parent @param {any} children */
export function put(parent, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child == null || child === false || child === "") continue;
    parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return parent;
}

/** Replaces what an element holds. @param {Element} parent @param {any} children */
export function fill(parent, ...children) {
  parent.replaceChildren();
  return put(parent, ...children);
}

/** A picture of our sprite; decorative unless it gets a label. @param {string} name @param {string} [label] */
export function icon(name, label) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 20 20");
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.appendChild(use);
  return svg;
}

/** Puts the sprite into the page, once: drawn from within, pictures never flicker. */
export async function loadIcons() {
  const answer = await fetch("/static/icons.svg");
  const sprite = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
  sprite.setAttribute("hidden", "");
  sprite.setAttribute("aria-hidden", "true");
  document.head.after(document.importNode(sprite, true));
}

/** An SVG element. @param {string} tag @param {Record<string, any>} [attributes] @param {...any} children */
export function s(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name === "on")
      for (const [event, listener] of Object.entries(value))
        element.addEventListener(event, /** @type {any} */ (listener));
    else if (value != null && value !== false) element.setAttribute(name, String(value));
  }
  put(element, children);
  return element;
}

const ALLOWED = new Set(
  "A B BLOCKQUOTE BR CODE DD DEL DL DT EM H1 H2 H3 H4 H5 H6 HR I LI OL P PRE S SPAN STRONG SUB SUP TABLE TBODY TD TH THEAD TR UL".split(
    " ",
  ),
);

/**
 * Puts markup that the server has already sanitised into an element, and trusts it no further: only plain text elements
 * survive, without any attribute but a link's address, and a link may only lead into this application or to a web page.
 *
 * @param {Element} element
 * @param {string} html
 */
export function safeHtml(element, html) {
  const parsed = new DOMParser().parseFromString(String(html ?? ""), "text/html");
  element.replaceChildren(...copyOf(parsed.body));
}

function copyOf(source) {
  const copies = [];
  for (const node of source.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) copies.push(document.createTextNode(node.data));
    else if (node.nodeType === Node.ELEMENT_NODE && ALLOWED.has(node.tagName)) {
      const copy = document.createElement(node.tagName);
      const href = node.tagName === "A" ? (node.getAttribute("href") ?? "") : "";
      if (/^(#|\/(?!\/)|https?:\/\/)/i.test(href)) {
        copy.setAttribute("href", href);
        if (!href.startsWith("#")) copy.setAttribute("rel", "noopener noreferrer nofollow");
      }
      copy.append(...copyOf(node));
      copies.push(copy);
    }
  }
  return copies;
}

/** Calls `work` once, `milliseconds` after the last call. @param {(...args: any[]) => void} work @param {number} milliseconds */
export function later(work, milliseconds) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...args), milliseconds);
  };
}

let counter = 0;
/** An id that is unique on this page, to tie labels and descriptions to fields. @param {string} stem */
export function uid(stem) {
  counter += 1;
  return `${stem}-${counter}`;
}
