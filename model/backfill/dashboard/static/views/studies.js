// Studies: still to come.
import { make } from "../dom.js";

export const title = "Studies";

export function show({ answer, controls }) {
  controls.parentElement.hidden = true;
  answer.append(make("h1", {}, "Studies"));
}

export function leave() {}
