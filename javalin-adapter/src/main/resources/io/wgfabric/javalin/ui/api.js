// Requests to the manager that served this page. The session's cookie goes along by itself; no script can read it.

/** A refusal, as RFC 9457 has it. */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail || `the manager answered ${status}`);
    this.status = status;
  }
}

const TIMEOUT_MILLIS = 20_000;
const MAX_PARTS = 20;

async function send(method, path, headers, body) {
  const request = { method, headers: { "Fabric-Page": "1", ...headers }, signal: AbortSignal.timeout(TIMEOUT_MILLIS) };
  if (body !== undefined) {
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, request);
  } catch {
    throw new Refusal(0, { detail: "this manager does not answer; open the page of another one" });
  }
  if (answer.ok) {
    return answer;
  }
  let problem = {};
  try {
    problem = await answer.json();
  } catch {
    // What is no problem document is told by its status.
  }
  throw new Refusal(answer.status, problem);
}

export const get = async (path) => (await send("GET", path, {})).json();

export const text = async (path) => (await send("GET", path, {})).text();

/** A change, under a key of its own. */
export async function change(method, path, body) {
  const answer = await send(method, path, { "Idempotency-Key": crypto.randomUUID() }, body);
  return answer.status === 204 ? null : answer.json();
}

export const signIn = async (credential) =>
  (await send("POST", "/v1/session", { Authorization: `Bearer ${credential}` })).json();

export const signOut = () => send("DELETE", "/v1/session", {});

/** By name, with numbers in them as numbers. */
export const byName = (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true });

/** A list with all of its parts, up to a limit that the page can still show. */
export async function list(path) {
  const items = [];
  let next = "";
  for (let part = 0; part < MAX_PARTS && next !== undefined && next !== null; part++) {
    const answer = await get(path + (next === "" ? "" : `?after=${encodeURIComponent(next)}`));
    items.push(...answer.items);
    next = answer.next;
  }
  return items;
}
