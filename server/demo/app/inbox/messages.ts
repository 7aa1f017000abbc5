/** As `GET /inbox/api/messages` gives them. */
export interface Mail {
  readonly id: string
  readonly receivedAt: string
  readonly envelope: { readonly from: string; readonly to: readonly string[] }
  readonly kind: string | null
  readonly subject: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly html: string
}

/** Header `From` without its address, as email clients list it. */
export const senderName = (mail: Mail): string => {
  const from = mail.headers.from ?? mail.envelope.from
  return from.replace(/\s*<[^>]*>\s*$/, '').replace(/^"|"$/g, '') || from
}
