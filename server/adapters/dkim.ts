import { createPrivateKey } from 'node:crypto'

/** The key a sending domain signs with; its public half is in DNS at `<selector>._domainkey.<domain>`. */
export interface DkimKey {
  readonly domain: string
  readonly selector: string
  /** PEM, RSA. */
  readonly privateKey: string
}

/**
 * The header fields a signature covers where they occur: RFC 6376 §5.4.1, and the two RFC 8058 §4 asks for. The email
 * library’s own list leaves out List-Unsubscribe-Post, without which one-click unsubscription does not count.
 */
export const signedFields = [
  'From',
  'Reply-To',
  'Subject',
  'Date',
  'Message-ID',
  'To',
  'MIME-Version',
  'Content-Type',
  'List-Id',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
  'Feedback-ID',
  'Auto-Submitted',
  'X-Trialpace-Id',
] as const

/**
 * @returns options for the email library.
 * @throws RangeError when it is no RSA key of at least 1024 bits: with any other the library sends unsigned email and
 * says nothing.
 */
export function dkimOptions({ domain, selector, privateKey }: DkimKey) {
  let key: ReturnType<typeof createPrivateKey>
  try {
    key = createPrivateKey(privateKey)
  } catch (cause) {
    throw new RangeError('the DKIM key is not a private key in PEM form', { cause })
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType !== 'rsa' || bits < 1024)
    throw new RangeError('the DKIM key must be RSA with at least 1024 bits (2048 recommended)')
  return {
    domainName: domain,
    keySelector: selector,
    // Parsed once: as PEM the library would parse it for each email.
    privateKey: key,
    headerFieldNames: signedFields.join(':'),
  }
}

/** @throws Error when the finished message carries no signature. */
export function assertSigned(raw: Buffer): void {
  if (!raw.subarray(0, 4096).toString('latin1').startsWith('DKIM-Signature: '))
    throw new Error('the message came out of the email library without a DKIM signature')
}
