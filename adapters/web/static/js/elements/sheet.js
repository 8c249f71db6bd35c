import { fill, h } from "../dom.js";
import { current, t } from "../i18n.js";

const AT_ONCE = 300;

/**
 * A plain table whose columns sort. For lists that fit a page; more than 300 rows are shown on request.
 *
 * @param {object} options
 * @param {string} options.label its caption, for those who cannot see what it stands under
 * @param {{title: string, value?: (row: any) => any, cell?: (row: any) => any, numeric?: boolean, class?: string}[]} options.columns `value` is what
 *   the column sorts by (without it, it does not sort), `cell` what stands in it
 * @param {any[]} options.rows
 * @param {{column: number, down: boolean}} [options.sort] the order to begin with; without it the rows' own
 * @param {string} [options.empty] what to say without rows
 * @param {(row: any) => string} [options.mark] a class for a row
 * @returns {HTMLElement & {refill: (rows: any[]) => void}} `refill` shows other rows in the order that was chosen
 */
export function sheet({ label, columns, rows, sort = null, empty, mark }) {
  let order = sort;
  let shown = AT_ONCE;
  const collator = new Intl.Collator(current(), { numeric: true });
  const body = h("tbody");
  const more = h("button", {
    type: "button",
    class: "button button--quiet",
    on: { click: () => draw((shown += AT_ONCE)) },
  });
  const heads = columns.map((column, i) => {
    const title = column.value
      ? h("button", { type: "button", class: "sheet-sort", on: { click: () => turn(i) } }, column.title)
      : column.title;
    return h("th", { scope: "col", class: column.numeric ? "num" : null }, title);
  });
  const table = h(
    "table",
    { class: "sheet" },
    h("caption", { class: "visually-hidden" }, label),
    h("thead", null, h("tr", null, heads)),
    body,
  );

  function turn(column) {
    order = { column, down: order?.column === column ? !order.down : Boolean(columns[column].numeric) };
    draw();
  }

  function sorted() {
    if (!order) return rows;
    const { value } = columns[order.column];
    const compare = (a, b) => {
      if (a == null || b == null) return (a == null) - (b == null);
      const found = typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
      return order.down ? -found : found;
    };
    return [...rows].sort((a, b) => compare(value(a), value(b)));
  }

  function draw() {
    heads.forEach((head, i) => {
      if (order?.column === i) head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    body.replaceChildren(
      ...sorted()
        .slice(0, shown)
        .map((row) =>
          h(
            "tr",
            { class: mark?.(row) },
            columns.map((column) =>
              h(
                "td",
                { class: [column.numeric && "num", column.class].filter(Boolean).join(" ") },
                column.cell ? column.cell(row) : column.value(row),
              ),
            ),
          ),
        ),
    );
    more.hidden = rows.length <= shown;
    more.textContent = t("sheet.more", { n: rows.length - shown });
  }

  const box = h("div");
  function refill(others) {
    rows = others;
    draw();
    box.className = rows.length ? "sheet-box" : "";
    if (!rows.length) fill(box, h("p", { class: "empty-note" }, empty ?? t("table.empty")));
    else if (table.parentNode !== box) fill(box, table, more);
  }
  refill(rows);
  return Object.assign(box, { refill });
}
