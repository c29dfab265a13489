// Figures in the house's colours, drawn by Plotly from numbers that the server sent.
//
// figure(place, {id, title, what, draw, head, rows, name}) puts one figure on the page: a heading, what is drawn, the
// picture, its export as SVG, PNG and CSV, and the same numbers as a table. `draw(ink, narrow, width)` returns {data, layout};
// `ink` holds the colours, so that an exported picture is drawn again on white. Returns {redraw(spec)}.

import { csv, make, save, table } from "./dom.js";

const NAMES = ["paper", "ink", "soft", "grid", "line", "edge", "donor", "backfiller", "aided", "aided-text", "other", "other-text",
  "arm-0", "arm-1", "arm-2", "arm-3", "arm-4", "arm-5", "arm-1-text", "arm-4-text", "arm-5-text", "law-1", "law-2",
  "politics-1", "politics-2", "stock-1", "stock-2", "industry-1", "industry-2", "money", "procedure",
  "permit", "consent", "undetermined", "deny"];
const NARROW = 560;
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif';

/** The colours as the page shows them now. */
export function inks() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

/** The colours on white paper: what is exported is printed. */
function printed() {
  const root = document.documentElement, before = root.dataset.theme;
  root.dataset.theme = "light";
  const found = inks();
  if (before === undefined) delete root.dataset.theme;
  else root.dataset.theme = before;
  return found;
}

/** The colour of text about a mark. */
export const textInk = (ink, name) => ink[`${name}-text`] || ink[name];

/** A colour with transparency, for bands that lie over each other. */
export function veil(colour, share) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return `rgba(${r},${g},${b},${share})`;
}

/** Whole numbers with a comma and a true minus. */
export const whole = (value) => figureOf(value, 0);
export const signed = (value) => (value > 0.05 ? "+" : "") + figureOf(value, Number.isInteger(value) || Math.abs(value) >= 10 ? 0 : 1);
export function figureOf(value, decimals) {
  const text = Math.abs(value).toLocaleString("en-GB", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return (value < 0 && /[1-9]/.test(text) ? "\u2212" : "") + text;
}

/** A layout without boxes: hairlines across, dates below, room at the right for labels. */
export function layout(ink, { narrow, right = 150, height = 300, title = "", ...more }) {
  const { xaxis = {}, yaxis = {}, ...rest } = more;
  const text = { family: FONT, size: 13, color: ink.soft };
  return {
    height: narrow ? Math.min(height, 280) : height, margin: { l: narrow ? 44 : 52, r: narrow ? Math.min(right, 112) : right, t: 12, b: 32 },
    paper_bgcolor: ink.paper, plot_bgcolor: ink.paper, font: text, showlegend: false, dragmode: false, hovermode: "x unified",
    hoverlabel: { bgcolor: ink.paper, bordercolor: ink.edge, font: { family: FONT, size: 12, color: ink.ink } },
    xaxis: { showgrid: false, zeroline: false, showline: true, linecolor: ink.edge, ticks: "outside", tickcolor: ink.edge, ticklen: 5, tickfont: text, fixedrange: true, ...xaxis },
    yaxis: { gridcolor: ink.grid, zeroline: false, showline: false, tickfont: text, fixedrange: true, nticks: 6, separatethousands: true, ...yaxis },
    annotations: [], shapes: [], separators: ".,", ...rest,
  };
}

/** Four to six round ticks between two values, written by `write`. */
export function ticks([low, high], write) {
  const rough = (high - low) / 5, power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max([1, 2, 2.5, 5, 10].find((part) => part * power >= rough * 0.999) * power, 1);
  const first = Math.ceil(low / step), found = Array.from({ length: Math.floor(high / step) - first + 1 }, (_, at) => (first + at) * step);
  return { tickmode: "array", tickvals: found, ticktext: found.map(write) };
}

/** Ticks at every second January, every fourth on a phone. */
export function years(months, narrow) {
  const found = months.filter((month) => month.endsWith("-01")).map((month) => month.slice(0, 4));
  const every = Math.max(1, Math.ceil(found.length / (narrow ? 3 : 6)));
  const shown = found.filter((_, index) => index % every === 0);
  if (found.length < 2) return {};
  return { type: "date", tickmode: "array", tickvals: shown.map((year) => `${year}-01-01`), ticktext: shown, hoverformat: "%B %Y" };
}
export const days = (months) => months.map((month) => `${month}-01`);

/** Places at least `gap` apart, in the same order and as near as possible to those wanted. */
export function spread(wanted, gap, low, high) {
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[a] - wanted[b] || a - b);
  const blocks = [];
  order.forEach((at, rank) => {
    blocks.push([wanted[at] - gap * rank, 1]);
    while (blocks.length > 1 && blocks.at(-2)[0] > blocks.at(-1)[0]) {
      const [b, n] = blocks.pop(), [a, m] = blocks.pop();
      blocks.push([(a * m + b * n) / (m + n), m + n]);
    }
  });
  const fitted = blocks.flatMap(([place, many]) => Array(many).fill(place));
  const most = Math.max(low, high - gap * (wanted.length - 1));
  const found = Array(wanted.length);
  order.forEach((at, rank) => { found[at] = Math.min(Math.max(fitted[rank], low), most) + gap * rank; });
  return found;
}

/** Labels at the right end of lines: [{value, number, name, colour}], kept apart. `span`: [low, high] of the axis. */
export function endLabels(labels, span, height, narrow) {
  const perPixel = (span[1] - span[0]) / Math.max((narrow ? Math.min(height, 280) : height) - 44, 80);
  const places = spread(labels.map(({ value }) => value), (narrow ? 34 : 19) * perPixel, span[0], span[1]);
  return labels.map(({ number, name, colour }, index) => ({
    x: 1, xref: "paper", xanchor: "left", xshift: 8, y: places[index], yref: "y", yanchor: "middle", showarrow: false, align: "left",
    text: `<b>${plain(number)}</b>${narrow ? "<br>" : " "}${plain(name)}`, font: { size: 13, color: colour },
  }));
}

/** A user's words inside a label: nothing in them is a mark of Plotly's. */
export function plain(text) {
  return String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("$", "&#36;");
}

/** A line with its bands. `course`: {p5, p25, p50, p75, p95}; `inner`: whether the inner band is drawn as well. */
export function fan(months, course, { colour, name, width = 2, inner = true, dash = "solid" }) {
  const x = days(months), band = (low, high, share) => ({
    x: [...x, ...x.toReversed()], y: [...course[high], ...course[low].toReversed()], type: "scatter", mode: "lines",
    fill: "toself", fillcolor: veil(colour, share), line: { width: 0 }, hoverinfo: "skip",
  });
  const line = {
    x, y: course.p50, type: "scatter", mode: "lines", name: plain(name), line: { color: colour, width, dash },
    customdata: x.map((_, at) => [course.p5[at], course.p95[at]]),
    hovertemplate: "%{y:,.0f} (%{customdata[0]:,.0f} to %{customdata[1]:,.0f})",
  };
  return [band("p5", "p95", 0.16), ...(inner ? [band("p25", "p75", 0.2)] : []), line];
}

/** One figure of the page. */
export function figure(place, first) {
  let spec = first;
  const heading = make("h2", { id: `${spec.id}-title` }), what = make("p", { class: "what" });
  const plot = make("div", { class: "plot", role: "img", "aria-labelledby": `${spec.id}-title` });
  const numbers = make("details", {}, make("summary", {}, "The same as a table"));
  const exported = (kind) => async () => {
    const wide = plot.clientWidth < NARROW ? 480 : 960, { data, layout: page } = spec.draw(printed(), wide < NARROW, wide);
    const title = { text: plain(spec.title), x: 0, xref: "container", xanchor: "left", pad: { l: 16 }, font: { size: 16, color: "#16202A" } };
    const foot = { text: plain(spec.source || ""), x: 0, xref: "paper", y: 0, yref: "paper", yshift: -44, xanchor: "left", showarrow: false, font: { size: 10 } };
    const image = await Plotly.toImage({ data, layout: { ...page, title, width: wide, height: page.height + 70, margin: { ...page.margin, t: 56, b: 66 }, annotations: [...page.annotations, foot] } }, { format: kind, width: wide, height: page.height + 70, scale: 2 });
    save(`${spec.name}.${kind}`, image, "");
  };
  const button = (text, pressed) => make("button", { type: "button", onclick: pressed, "aria-label": `${text}: ${spec.title}` }, text);
  place.append(make("figure", { id: spec.id, "aria-labelledby": `${spec.id}-title` }, heading, what, plot,
    make("div", { class: "export" }, button("SVG", exported("svg")), button("PNG", exported("png")),
      button("CSV", () => save(`${spec.name}.csv`, `\ufeff${csv(spec.head, spec.rows)}`, "text/csv"))), numbers));
  const draw = () => {
    heading.textContent = spec.title;
    what.textContent = spec.what;
    const { data, layout: page } = spec.draw(inks(), plot.clientWidth < NARROW, plot.clientWidth);
    Plotly.react(plot, data, page, { displayModeBar: false, responsive: false, staticPlot: false });
    const short = spec.short || { head: spec.head, rows: spec.rows };
    numbers.replaceChildren(numbers.firstChild, table(spec.title, short.head, short.rows, short.head.map((_, at) => at).slice(short.words ?? 1)));
  };
  let width = plot.clientWidth;
  new ResizeObserver(() => {
    if (plot.isConnected && plot.clientWidth && plot.clientWidth !== width) { width = plot.clientWidth; draw(); }
  }).observe(plot);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot.isConnected && draw());
  draw();
  return { redraw(next) { spec = { ...spec, ...next }; draw(); } };
}
