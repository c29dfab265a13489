// Explore: still to come.
import { make } from "../dom.js";

export const title = "Explore";

export function show({ answer, controls }) {
  controls.parentElement.hidden = true;
  answer.append(make("h1", {}, "Explore"));
}

export function leave() {}
