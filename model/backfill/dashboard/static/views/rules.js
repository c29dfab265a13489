// Rules: still to come.
import { make } from "../dom.js";

export const title = "Rules";

export function show({ answer, controls }) {
  controls.parentElement.hidden = true;
  answer.append(make("h1", {}, "Rules"));
}

export function leave() {}
