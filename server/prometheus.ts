import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What operators watch; names follow Prometheus’ conventions (base units, `_total`). */
export interface Metrics {
  readonly registry: Registry
  httpRequest(route: string, method: string, status: number, seconds: number): void
  /** What became of an email decision. */
  mail(kind: string, outcome: string): void
  /** Read when scraped. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void
  /** The same with labels. */
  gauges(
    name: string,
    help: string,
    labels: readonly string[],
    read: () => Promise<readonly { labels: Record<string, string>; value: number }[]>,
  ): void
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const http = new Histogram({
    name: 'trialpace_http_request_seconds',
    help: 'Time to answer, by route',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  const mails = new Counter({
    name: 'trialpace_mails_total',
    help: 'Emails by kind and outcome',
    labelNames: ['kind', 'outcome'],
    registers: [registry],
  })
  return {
    registry,
    httpRequest: (route, method, status, seconds) =>
      http.observe({ route, method, status: String(status) }, seconds),
    mail: (kind, outcome) => mails.inc({ kind, outcome }),
    gauge(name, help, read) {
      new Gauge({
        name: `trialpace_${name}`,
        help,
        registers: [registry],
        async collect() {
          this.set(await read())
        },
      })
    },
    gauges(name, help, labelNames, read) {
      new Gauge({
        name: `trialpace_${name}`,
        help,
        labelNames,
        registers: [registry],
        async collect() {
          this.reset()
          for (const { labels, value } of await read()) this.set(labels, value)
        },
      })
    },
  }
}
