// Asking the server. Whatever it refuses becomes an Error whose message is a sentence to show.

/** Ask for one JSON answer. `parameters`: an object, values may be lists. `signal`: of an AbortController. */
export async function ask(path, parameters = {}, signal = undefined) {
  const reply = await reach(path, parameters, signal);
  return reply.json();
}

/** Ask for an answer that comes in pieces, one JSON document on each line; `told` is called with each. */
export async function follow(path, parameters, signal, told) {
  const reply = await reach(path, parameters, signal);
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const piece = JSON.parse(line);
      if (piece.error) throw new Error(piece.error);
      told(piece);
    }
  }
}

async function reach(path, parameters, signal) {
  let reply;
  try {
    reply = await fetch(`${path}?${asQuery(parameters)}`, { signal });
  } catch (fault) {
    if (fault.name === "AbortError") throw fault;
    throw new Error("The server does not answer. Start it again with `backfill dashboard` and reload this page.");
  }
  if (reply.ok) return reply;
  const said = await reply.json().catch(() => ({}));
  throw Object.assign(new Error(said.error || `The server answered ${reply.status}.`), { fields: said.fields || {} });
}

/** The query string of an object, lists as repeated names. */
export function asQuery(parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") query.append(name, one);
    }
  }
  return query.toString();
}
