// Which view is shown, and its state: all of it stands in the address, and nowhere else.
//
// A view is a module in views/ with
//   title                              the word for the window
//   show({answer, controls, figures, summary}, state, go)
//                                      draw everything that `state` (URLSearchParams) says; called again when one goes back
//   leave()                            stop what is under way
// `go(parameters, {replace})` writes a state into the address without drawing anything; names that are empty are left out.

import { asQuery } from "./api.js";
import { make, problem, tag } from "./dom.js";

const VIEWS = {
  explore: () => import("./views/explore.js"),
  rules: () => import("./views/rules.js"),
  step: () => import("./views/step.js"),
  studies: () => import("./views/studies.js"),
};
const place = (name) => document.getElementById(name);
let current = null;

function go(parameters, { replace = false } = {}) {
  const view = new URLSearchParams(location.search).get("view") || "explore";
  const address = `?${asQuery({ view, ...parameters })}`;
  if (address === location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", address);
}

async function draw() {
  const state = new URLSearchParams(location.search);
  const name = state.get("view") || "explore";
  current?.leave();
  current = null;
  for (const part of ["answer", "controls", "figures"]) place(part).replaceChildren();
  place("side-what").textContent = "";
  place("side").hidden = false;
  place("side").open = matchMedia("(min-width: 720px)").matches;
  tag("");
  for (const link of document.querySelectorAll(".top nav a")) {
    const here = new URLSearchParams(link.search).get("view") === name;
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (!Object.hasOwn(VIEWS, name)) {
    place("side").hidden = true;
    place("answer").append(make("h1", {}, "There is no such view"), problem(`The address asks for the view ${JSON.stringify(name)}. There are Explore, Rules, Step and Studies.`));
    return;
  }
  const view = await VIEWS[name]();
  if (new URLSearchParams(location.search).get("view") !== state.get("view")) return;
  current = view;
  document.title = `${view.title} - backfill`;
  try {
    await view.show({ answer: place("answer"), controls: place("controls"), figures: place("figures"), summary: place("side-what") }, state, go);
  } catch (fault) {
    if (fault.name !== "AbortError") place("answer").append(problem(fault.message));
  }
}

document.querySelector(".top nav").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if (link.hasAttribute("aria-current")) return;
  history.pushState(null, "", link.search);
  draw();
});
addEventListener("popstate", draw);
matchMedia("(min-width: 720px)").addEventListener("change", (wide) => { place("side").open = wide.matches; });
draw();
