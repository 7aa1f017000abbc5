/** What the pasted snippet puts on the page; the sample app uses nothing else of Trialpace. */
interface Snippet {
  track(event: string, properties?: Record<string, unknown>): void
  identify(userId: string, traits?: Record<string, unknown>): void
  reset(): void
}

/** A page must work without its analytics, so a blocked snippet is no error. */
export const trialpace = (): Partial<Snippet> =>
  (window as unknown as { trialpace?: Partial<Snippet> }).trialpace ?? {}
