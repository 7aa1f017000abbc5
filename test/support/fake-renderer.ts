import type { Renderer } from '../../server/ports.ts'

/** What a fake email says about the facts it was written from. */
export interface FakeMailFacts {
  readonly template: string
  readonly kind: string
  readonly endsAt: number | null
}

/** Writes the facts a test asks about as JSON into each part, at once and without a thread. */
export const createFakeRenderer = (): Renderer => ({
  async render({ template, view, subject }) {
    const facts: FakeMailFacts = { template, kind: view.kind, endsAt: view.trial.endsAt ?? null }
    const json = JSON.stringify(facts)
    const html = `<p><a href="${view.links.click ?? ''}/0">Open</a></p><!--${json}-->`
    return {
      ok: true,
      mail: { subject: subject ?? template, preheader: '', html, text: json, links: [view.product.url] },
    }
  },
  close: async () => {},
})

/** Reads {@link FakeMailFacts} back from a finished message. */
export function readFakeMail(raw: Buffer): FakeMailFacts | null {
  const text = raw.toString('latin1').replace(/=\r\n/g, '').replaceAll('=3D', '=')
  const found = /^\{"template".*\}$/m.exec(text.replaceAll('\r', ''))
  return found ? (JSON.parse(found[0]) as FakeMailFacts) : null
}
