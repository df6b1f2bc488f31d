// A few of the numbers of /metrics of the manager that answers; Prometheus and a dashboard have all of them.
import { text } from "./api.js";
import { el, facts, show, table } from "./dom.js";

export const title = "Metrics";

/** Name, labels as text, value: the text format of Prometheus. */
function parse(scraped) {
  return scraped.split("\n").map((line) => /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line)).filter((found) => found !== null)
    .map(([, name, labels, value]) => ({ name, labels: new Map([...(labels ?? "").matchAll(/(\w+)="([^"]*)"/g)].map((m) => [m[1], m[2]])), value: Number(value) }));
}

export function open(place) {
  return {
    async update() {
      const all = parse(await text("/metrics"));
      const of = (name) => all.filter((sample) => sample.name === name);
      const one = (name) => {
        const found = of(name);
        return found.length === 0 ? "–" : String(found.reduce((sum, sample) => sum + sample.value, 0));
      };
      const routes = new Map();
      for (const part of ["count", "sum"]) {
        for (const sample of of(`fabric_http_requests_seconds_${part}`)) {
          const route = `${sample.labels.get("method")} ${sample.labels.get("route")}`;
          const known = routes.get(route) ?? { count: 0, sum: 0 };
          known[part] += sample.value;
          routes.set(route, known);
        }
      }
      const busiest = [...routes].filter(([route]) => !route.includes(" /ui/")).sort((a, b) => b[1].count - a[1].count).slice(0, 12);
      show(place,
        facts([
          ["Streams open", one("fabric_watchers")],
          ["Joins", one("fabric_joins_total")],
          ["Term", one("fabric_raft_term")],
          ["Committed", one("fabric_raft_commit_index")],
          ["Applied", one("fabric_raft_applied_index")],
          ["Votes connected", one("fabric_raft_voters_connected")],
          ["Connections cut", one("fabric_connections_cut_total")],
          ["Configuration drifts", one("fabric_configuration_drifts_total")],
        ]),
        el("h2", {}, "Requests"),
        table("The busiest routes of this manager since it started", ["Route", "Requests", "Mean time"],
          busiest.map(([route, { count, sum }]) => [route, String(count), `${((1000 * sum) / count).toFixed(1)} ms`]), "Nothing was asked yet."),
        el("h2", {}, "Refusals"),
        table("Refused requests of this manager by reason", ["Reason", "Count"],
          of("fabric_refusals_total").map((sample) => [sample.labels.get("reason"), String(sample.value)]), "Nothing was refused."));
    },
  };
}
