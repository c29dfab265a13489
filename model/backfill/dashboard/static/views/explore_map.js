// The map of Explore: great circles from giver to receiver on an outline of the world, as thick as the flow is large.

import { ask } from "../api.js";
import { layout, plain, veil, whole } from "../charts.js";

const THIN = 1, THICK = 7, ARROW = 0.6, AROUND = 0.14, LEAST_SPAN = 50, NORTH = 84, SOUTH = -58;
let rings = [];

const pairs = (flat) => Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at], flat[2 * at + 1]]);

/** Land as rings of points; a map without it can still be read. */
export const ready = ask("/outline.json").then(({ land }) => { rings = land.map(pairs); }).catch(() => {});

const amount = (units) => (units < 10 ? units.toFixed(1) : whole(units));

/** The figure of what was sent; null where no state of the real world sends anything. */
export function map({ map: found, runs, months }) {
  if (!found) return null;
  const { routes, states, years, elsewhere } = found, name = (code) => states[code].name;
  const missing = elsewhere.length ? ` Not on this map: ${elsewhere.join(", ")}.` : "";
  return {
    title: "Who sent how much to whom", what: `Units that arrived over ${months[0].slice(0, 4)}\u2013${months.at(-1).slice(0, 4)}, mean of ${runs} runs of the baseline; width by the root of units. The smallest flows are left out.${missing}`,
    head: ["year", "from", "to", "units"],
    rows: routes.flatMap(({ from, to, years: each }) => years.map((year, at) => [year, name(from), name(to), each[at]])),
    short: { words: 2, head: ["from", "to", "units"], rows: routes.map(({ from, to, units }) => [name(from), name(to), amount(units)]) },
    draw(tokens, narrow, width) {
      const ways = centred(routes, states), { height, ...seen } = window_(ways.flatMap(({ way }) => way), width, narrow);
      const page = layout(tokens, { narrow, right: 0, height, hovermode: "closest", xaxis: { visible: false, range: seen.east, fixedrange: true }, yaxis: { visible: false, range: seen.north, fixedrange: true } });
      page.margin = { l: 0, r: 0, t: 4, b: 4 };
      page.height = height;
      page.annotations = names(ways, states, tokens, seen, width, height, narrow);
      return { data: [ground(seen, tokens), ...arcs(ways, states, tokens), dots(ways, states, tokens)], layout: page };
    },
  };
}

/** Ways moved by whole turns, so that all lie around the middle of the states between which something goes. */
function centred(routes, states) {
  const angles = routes.flatMap(({ from, to }) => [from, to]).map((code) => states[code].place[0] * Math.PI / 180);
  const mean = (of) => angles.reduce((sum, angle) => sum + of(angle), 0);
  const centre = Math.atan2(mean(Math.sin), mean(Math.cos)) * 180 / Math.PI;
  return routes.map((route) => {
    const middle = route.way.reduce((sum, [east]) => sum + east, 0) / route.way.length;
    const turn = 360 * Math.round((middle - centre) / 360);
    return { ...route, way: route.way.map(([east, north]) => [east - turn, north]) };
  });
}

/** The part of the world in which flows go, and how high it is drawn; a degree north is drawn longer, as it is there. */
function window_(points, width, narrow) {
  const ends = (at) => points.reduce(([low, high], point) => [Math.min(low, point[at]), Math.max(high, point[at])], [Infinity, -Infinity]);
  const east = ends(0), north = ends(1), clip = (value, low, high) => Math.min(Math.max(value, low), high);
  const stretch = 1 / Math.cos(clip((north[0] + north[1]) / 2, -50, 50) * Math.PI / 180);
  const wide = clip((east[1] - east[0]) * (1 + 2 * AROUND), LEAST_SPAN, 360), tall = (north[1] - north[0]) * (1 + 3 * AROUND);
  const height = Math.round(clip(width * tall * stretch / wide, width * (narrow ? 0.55 : 0.42), narrow ? 320 : 460));
  const shape = width / height, across = Math.min(Math.max(wide, tall * shape * stretch), 360), up = Math.max(tall, across / shape / stretch);
  const middle = (east[0] + east[1]) / 2, level = clip((north[0] + north[1]) / 2, SOUTH + up / 2, Math.max(SOUTH + up / 2, NORTH - up / 2));
  return { height, east: [middle - across / 2, middle + across / 2], north: [level - up / 2, level + up / 2] };
}

/** Land without borders, repeated where the window reaches past the end of the world. */
function ground({ east }, tokens) {
  const x = [], y = [];
  for (const turn of [-360, 0, 360]) {
    for (const ring of rings) {
      if (!ring.some(([at]) => at + turn > east[0] && at + turn < east[1])) continue;
      for (const [at, up] of ring) { x.push(at + turn); y.push(up); }
      x.push(null);
      y.push(null);
    }
  }
  return { x, y, type: "scatter", mode: "lines", fill: "toself", fillcolor: tokens.grid, line: { color: tokens.grid, width: 0.5 }, hoverinfo: "skip" };
}

/** The largest flow lies lowest, so that none is hidden; each with the head of an arrow on its way. */
function arcs(ways, states, tokens) {
  const most = ways[0].units;
  return ways.flatMap(({ from, to, units, way }) => {
    const width = THIN + (THICK - THIN) * Math.sqrt(units / most), colour = tokens[states[from].role], at = Math.round(ARROW * (way.length - 1));
    const said = `${plain(states[from].name)} to ${plain(states[to].name)}: ${amount(units)} units`;
    return [
      { x: way.map(([east]) => east), y: way.map(([, north]) => north), type: "scatter", mode: "lines", line: { color: colour, width }, hovertemplate: `${said}<extra></extra>` },
      { x: [way[at - 1][0], way[at][0]], y: [way[at - 1][1], way[at][1]], type: "scatter", mode: "markers", marker: { symbol: "arrow", angleref: "previous", color: colour, size: [0, 8 + 2.4 * width], line: { width: 0 } }, hoverinfo: "skip" },
    ];
  });
}

/** Where each state stands: at the end of its largest flow. */
function ends(ways) {
  const found = new Map();
  for (const { from, to, way } of ways) {
    if (!found.has(from)) found.set(from, way[0]);
    if (!found.has(to)) found.set(to, way.at(-1));
  }
  return [...found];
}

function dots(ways, states, tokens) {
  const found = ends(ways);
  return {
    x: found.map(([, [east]]) => east), y: found.map(([, [, north]]) => north), type: "scatter", mode: "markers", text: found.map(([code]) => plain(states[code].name)), hovertemplate: "%{text}<extra></extra>",
    marker: { size: 8, color: found.map(([code]) => tokens[states[code].role]), line: { color: tokens.paper, width: 1.2 } },
  };
}

/** The name of each state beside its dot, those of the question first; one that would lie on another is left out. */
function names(ways, states, tokens, { east, north }, width, height, narrow) {
  const taken = [], size = narrow ? 11 : 13, across = width / (east[1] - east[0]), up = (height - 8) / (north[1] - north[0]);
  const first = ends(ways).toSorted(([one], [two]) => (states[one].role === "other") - (states[two].role === "other"));
  return first.flatMap(([code, [lon, lat]]) => {
    const { name, role } = states[code], x = (lon - east[0]) * across, y = (north[1] - lat) * up, long = name.length * size * 0.58, tall = size * 1.25;
    const places = [[x + 8, y - tall / 2], [x - 8 - long, y - tall / 2], [x - long / 2, y + 6], [x - long / 2, y - 6 - tall]];
    const free = places.find(([left, top]) => left > 0 && left + long < width && top > 0 && top + tall < height && !taken.some(([l, t, r, b]) => left < r && l < left + long && top < b && t < top + tall));
    if (!free) return [];
    taken.push([free[0], free[1], free[0] + long, free[1] + tall]);
    const colour = role === "other" ? tokens["other-text"] : role === "aided" ? tokens["aided-text"] : tokens[role];
    return [{ x: (free[0] + long / 2) / width, xref: "paper", y: 1 - (free[1] + tall / 2) / (height - 8), yref: "paper", xanchor: "center", yanchor: "middle", showarrow: false, text: role === "other" ? plain(name) : `<b>${plain(name)}</b>`, font: { size, color: colour }, bgcolor: veil(tokens.paper, 0.7), borderpad: 0 }];
  });
}
