// Step: still to come.
import { make } from "../dom.js";

export const title = "Step";

export function show({ answer, controls }) {
  controls.parentElement.hidden = true;
  answer.append(make("h1", {}, "Step"));
}

export function leave() {}
