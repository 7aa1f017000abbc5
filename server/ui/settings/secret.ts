/** 32 characters that no one takes for one another; small letters, to be read out. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** 100 random bits, in groups: `k7m2q-…`. */
export function randomSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(20))
  const text = Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join('')
  return text.replaceAll(/.{5}(?=.)/g, '$&-')
}
