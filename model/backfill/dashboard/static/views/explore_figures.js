// The figures of Explore: courses by arm, the difference in the same runs, why not more, how the units came, the map.

import { endLabels, fan, figure, layout, plain, signed, textInk, ticks, veil, whole, years, days } from "../charts.js";
import { make } from "../dom.js";
import { map, ready } from "./explore_map.js";

const CAUSES = {
  "barred by law": "law-1", "no consent": "law-2", "not let go": "politics-1", "not yet decided": "politics-2",
  "kept for a floor": "stock-1", "nobody has it": "stock-2", "lines slow or booked": "industry-1",
  "parts run short": "industry-2", "no money": "money", "under way": "procedure",
};
const spoken = (name) => name.replaceAll("_", " ");

/** The colour of each chosen arm by its place in the file; one that is taken gives way to the next that is free. */
export function colours(all, chosen) {
  const found = { [all[0]]: "arm-0" }, taken = new Set();
  for (const name of all.slice(1).filter((arm) => chosen.includes(arm))) {
    let at = (all.indexOf(name) - 1) % 5;
    while (taken.has(at) && taken.size < 5) at = (at + 1) % 5;
    taken.add(at);
    found[name] = `arm-${at + 1}`;
  }
  return found;
}

/** Draw everything, or draw it again in the figures that are there; what comes with all runs only stays until then. */
export function drawFigures(page, piece, ink, before) {
  const source = `${page.world.name}, ${piece.runs} runs of each arm, ${page.world.label}`;
  const specs = { course: course(piece, ink), change: change(piece, ink) };
  if (piece.last) Object.assign(specs, { causes: causes(piece), flows: flows(piece), map: map(piece) });
  const drawn = before || {};
  if (!before) ready.then(() => drawn.map?.redraw({}));
  for (const [id, spec] of Object.entries(specs)) {
    document.getElementById(id)?.removeAttribute("aria-busy");
    const whole = spec && { id, source, name: `${page.world.name}-${id}`, ...spec };
    if (!whole) { document.getElementById(id)?.remove(); delete drawn[id]; }
    else if (drawn[id] && document.getElementById(id)) drawn[id].redraw(whole);
    else drawn[id] = figure(holder(page, id), whole);
  }
  return drawn;
}

/** What is on the page is of before this move, until it is drawn again. */
export function outdate(page) {
  for (const one of page.figures.querySelectorAll("figure")) one.setAttribute("aria-busy", "true");
}

/** Figures keep their order, whichever of them comes back. */
function holder(page, id) {
  const name = `place-${id}`;
  let place = document.getElementById(name);
  if (!place) {
    for (const one of ["course", "change", "causes", "flows", "map"]) if (!document.getElementById(`place-${one}`)) page.figures.append(make("div", { id: `place-${one}` }));
    place = document.getElementById(name);
  }
  return place;
}

const yearEnds = (months) => months.map((month, at) => [month, at]).filter(([month, at]) => month.endsWith("-12") || at === months.length - 1);

function span(arms, key, parts) {
  const values = arms.flatMap((arm) => parts.flatMap((part) => arm[key][part]));
  const low = Math.min(0, ...values), high = Math.max(low + 1, ...values);
  const air = (high - low) * 0.04;
  return [low < 0 ? low - air : 0, high + air];
}

function course({ months, arms, course: { title, unit } }, ink) {
  const ordered = [...arms.slice(1), arms[0]], few = arms.length <= 2;
  return {
    title, what: `${unit[0].toUpperCase()}${unit.slice(1)}. Lines: median; ${few ? "bands: 5\u201395 % and 25\u201375 % of runs" : "band: 5\u201395 % of runs of the baseline"}.`,
    head: ["month", "arm", "p5", "p25", "median", "p75", "p95"],
    rows: arms.flatMap(({ name, total }) => months.map((month, at) => [month, name, total.p5[at], total.p25[at], total.p50[at], total.p75[at], total.p95[at]])),
    short: { words: 2, head: ["month", "arm", "median", "5 %", "95 %"], rows: yearEnds(months).flatMap(([month, at]) => arms.map(({ name, total }) => [month, spoken(name), whole(total.p50[at]), whole(total.p5[at]), whole(total.p95[at])])) },
    draw(tokens, narrow) {
      const range = span(few ? arms : arms.slice(0, 1), "total", ["p5", "p95"]), ends = span(arms, "total", ["p50"]);
      const both = [Math.min(range[0], ends[0]), Math.max(range[1], ends[1])];
      const data = ordered.flatMap((arm) => {
        const isBase = arm === arms[0], lines = fan(months, arm.total, { colour: tokens[ink[arm.name]], name: spoken(arm.name), width: isBase ? 2.8 : 2 });
        return few || isBase ? lines : lines.slice(-1);
      });
      const labels = arms.map((arm) => ({ value: arm.total.p50.at(-1), number: whole(arm.total.p50.at(-1)), name: spoken(arm.name), colour: textInk(tokens, ink[arm.name]) }));
      return { data, layout: layout(tokens, { narrow, right: 190, height: 320, xaxis: years(months, narrow), yaxis: { range: both, ...ticks(both, whole) }, annotations: endLabels(labels, both, narrow ? 280 : 320, narrow) }) };
    },
  };
}

function change({ months, arms, course: { unit } }, ink) {
  const others = arms.slice(1);
  if (!others.length) return null;
  return {
    title: "Difference from the baseline", what: `${unit[0].toUpperCase()}${unit.slice(1)}, in the same run, with the same luck. Line: median${others.length <= 2 ? "; band: 5\u201395 % of runs" : "; labels: 5\u201395 % of runs"}.`,
    head: ["month", "arm", "p5", "p25", "median", "p75", "p95"],
    rows: others.flatMap(({ name, change: gap }) => months.map((month, at) => [month, name, gap.p5[at], gap.p25[at], gap.p50[at], gap.p75[at], gap.p95[at]])),
    short: { words: 2, head: ["month", "arm", "median", "5 %", "95 %"], rows: yearEnds(months).flatMap(([month, at]) => others.map(({ name, change: gap }) => [month, spoken(name), signed(gap.p50[at]), signed(gap.p5[at]), signed(gap.p95[at])])) },
    draw(tokens, narrow) {
      const bands = others.length <= 2, range = span(others, "change", ["p5", "p95"]);
      const high = Math.max(range[1], 1), low = Math.min(range[0], -high * 0.06), both = [low, high];
      const data = others.flatMap((arm) => {
        const lines = fan(months, arm.change, { colour: tokens[ink[arm.name]], name: spoken(arm.name), inner: false });
        return bands ? lines : lines.slice(-1);
      });
      const labels = others.map((arm) => ({ value: arm.change.p50.at(-1), number: signed(arm.change.p50.at(-1)), name: others.length === 1 ? `${signed(arm.change.p5.at(-1))} to ${signed(arm.change.p95.at(-1))}` : spoken(arm.name), colour: textInk(tokens, ink[arm.name]) }));
      const zero = { type: "line", xref: "paper", x0: 0, x1: 1, y0: 0, y1: 0, line: { color: tokens.ink, width: 2 }, layer: "below" };
      return { data, layout: layout(tokens, { narrow, right: 190, height: 240, xaxis: years(months, narrow), yaxis: { range: both, ...ticks(both, signed) }, shapes: [zero], annotations: endLabels(labels, both, 240, narrow) }) };
    },
  };
}

function causes({ months, causes: layers, runs }) {
  if (!layers.length) return null;
  const total = (course) => course.reduce((sum, value) => sum + value, 0), all = layers.reduce((sum, { course: one }) => sum + total(one), 0);
  return {
    title: "Why not more", what: `What the aided state asks for and lacks at the end of each month, in equivalents, by cause; mean of ${runs} runs of the baseline.`,
    head: ["month", "kind", "cause", "equivalents"],
    rows: layers.flatMap(({ kind, name, course: one }) => months.map((month, at) => [month, kind, name, one[at]])),
    short: { words: 2, head: ["kind", "cause", "part of all that is missing"], rows: layers.map(({ kind, name, course: one }) => [kind, name, `${Math.round(100 * total(one) / all)} %`]) },
    draw(tokens, narrow) {
      const stacked = layers.toReversed();
      const data = stacked.map(({ name, course: one }) => ({
        x: days(months), y: one, type: "scatter", mode: "lines", stackgroup: "all", name: plain(name), fillcolor: tokens[CAUSES[name]] || tokens.other,
        line: { color: tokens.paper, width: 0.9 }, hovertemplate: "%{y:,.0f}",
      }));
      const height = narrow ? 300 : Math.max(300, 40 + 24 * layers.length), gap = 1 / (layers.length + 0.0);
      const key = layers.flatMap(({ name, course: one }, at) => [
        { x: 1, xref: "paper", xanchor: "left", xshift: 26, y: 1 - gap * (at + 0.5), yref: "paper", yanchor: "middle", showarrow: false, text: `${plain(name)}${narrow ? "" : ` ${Math.round(100 * total(one) / all)} %`}`, font: { size: narrow ? 11 : 13, color: tokens.soft } },
        { x: 1, xref: "paper", xanchor: "left", xshift: 8, y: 1 - gap * (at + 0.5), yref: "paper", yanchor: "middle", showarrow: false, text: "\u25A0", font: { size: 16, color: tokens[CAUSES[name]] || tokens.other } },
      ]);
      const page = layout(tokens, { narrow, right: 210, height, xaxis: years(months, narrow), yaxis: { tickformat: ",d", rangemode: "tozero" }, annotations: key });
      if (narrow) page.margin.r = 150;
      page.height = height;
      return { data, layout: page };
    },
  };
}

/** By which way units came; the backfill as well where no map shows it. */
function flows({ flows: every, map: mapped, runs, months }) {
  const found = every.filter(({ role }) => !mapped || role !== "backfiller");
  if (!found.length) return null;
  return {
    title: "How they came", what: `Units over ${months[0].slice(0, 4)}\u2013${months.at(-1).slice(0, 4)}, by the way on which they came; mean of ${runs} runs of the baseline.`,
    head: ["from", "to", "units"], rows: found.map(({ from, to, units }) => [from, to, Math.round(units * 10) / 10]),
    short: { words: 2, head: ["from", "to", "units"], rows: found.map(({ from, to, units }) => [from, to, units < 10 ? units.toFixed(1) : whole(units)]) },
    draw(tokens, narrow) {
      const names = [...new Set(found.flatMap(({ from, to }) => [`0${from}`, `1${to}`]))];
      const size = (name) => found.filter(({ from, to }) => `0${from}` === name || `1${to}` === name).reduce((sum, { units }) => sum + units, 0);
      const role = (name) => (name[0] === "0" ? found.find(({ from }) => `0${from}` === name).role : null);
      const page = layout(tokens, { narrow, right: 12, height: Math.max(220, 60 + 46 * found.length), hovermode: "closest" });
      page.margin = { l: 8, r: 8, t: 12, b: 12 };
      return {
        data: [{
          type: "sankey", arrangement: "fixed", textfont: { color: tokens.ink, size: narrow ? 11 : 13 },
          node: { label: names.map((name) => `${plain(name.slice(1))} ${whole(size(name))}`), color: names.map((name) => tokens[role(name) || (names.length && name.slice(1) === found[0].to ? "aided" : "donor")]), thickness: 11, pad: 16, line: { width: 0 }, hoverinfo: "none" },
          link: { source: found.map(({ from }) => names.indexOf(`0${from}`)), target: found.map(({ to }) => names.indexOf(`1${to}`)), value: found.map(({ units }) => units), color: found.map(({ role: who }) => veil(tokens[who], 0.42)), hovertemplate: "%{value:,.1f} units<extra></extra>" },
        }],
        layout: page,
      };
    },
  };
}
