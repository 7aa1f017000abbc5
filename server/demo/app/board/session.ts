export interface Account {
  readonly userId: string
  readonly name: string
  readonly email: string
}

/** What the sample app’s own server says about who is signed in. */
export interface Session {
  readonly account: Account | null
}

/** The part of `GET /api/trialists/:userId` that the sample app shows. */
export interface Trialist {
  readonly segment: string
  readonly pace: string
  readonly score: number
  readonly trial: { readonly endsAt: string | null; readonly status: string }
  readonly next: { readonly kind: string; readonly at: string | null; readonly why: string } | null
}
