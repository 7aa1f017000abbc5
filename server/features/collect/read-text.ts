/** The text of a JSON body, in the encoding that its first bytes, else its content type, say; without a byte order mark. */
export function textOf(bytes: Buffer, contentType: () => string | undefined): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return decode(bytes, 'utf-16le')
  if (first === 0xfe && second === 0xff) return decode(bytes, 'utf-16be')
  if (first === 0xef && second === 0xbb && bytes[2] === 0xbf) return bytes.toString('utf8', 3)
  // JSON begins with ASCII, so a zero among its first two bytes is UTF-16; some senders claim that and send UTF-8.
  if (second === 0) return decode(bytes, 'utf-16le')
  if (first === 0) return decode(bytes, 'utf-16be')
  const text = bytes.toString('utf8')
  return text.includes('\ufffd') && isLatin1(contentType()) ? decode(bytes, 'windows-1252') : text
}

const decode = (bytes: Buffer, label: string): string => new TextDecoder(label).decode(bytes)

const isLatin1 = (contentType: string | undefined): boolean =>
  contentType !== undefined && /charset="?(?:iso-8859-1|latin1|windows-1252)\b/i.test(contentType)

/**
 * JSON with `null` where Python and others write `NaN`, `Infinity` and `-Infinity`: a number that is none costs
 * itself. Reads each character once; what is in strings stays.
 */
export function withoutBadNumbers(json: string): string {
  let text = ''
  let copied = 0
  let inString = false
  for (let at = 0; at < json.length; at++) {
    const unit = json.charCodeAt(at)
    if (inString) {
      if (unit === backslash) at++
      else if (unit === quote) inString = false
    } else if (unit === quote) inString = true
    else if (unit === minus || unit === upperI || unit === upperN) {
      const word = badNumbers.find((bad) => json.startsWith(bad, at))
      if (!word) continue
      text += `${json.slice(copied, at)}null`
      at += word.length - 1
      copied = at + 1
    }
  }
  return text + json.slice(copied)
}

const badNumbers = ['NaN', 'Infinity', '-Infinity', '-NaN'] as const
const quote = 34
const minus = 45
const upperI = 73
const upperN = 78
const backslash = 92

/** What stands behind `data=` in a form or a query: JSON, or JSON in base64. null: neither. */
export function formData(encoded: string): string | null {
  const json = decodedComponent(encoded.replaceAll('+', '%20'))
  if (json?.trimStart().startsWith('{')) return json
  const base64 = decodedComponent(encoded)
  return base64 === null ? null : Buffer.from(base64, 'base64').toString('utf8')
}

function decodedComponent(encoded: string): string | null {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return null
  }
}
