/**
 * By what an event is known again: the number of its subject and its message id. Ids that begin with the time they
 * were made at, as those of our SDK do, come first in the key: new ones then all go to the end of the index, where a
 * page takes a hundred of them. All others are in the order of subjects, so that those of a request lie together.
 * Which of both an id is follows from its shape alone, today and for ever: a re-sent event must get the same key.
 */
export const dedupeKey = (subject: number, messageId: string): string =>
  isUuidV7(messageId)
    ? `${messageId}${subject.toString(36)}`
    : `${othersStart}${subject.toString(36)}|${messageId}`

/** Sorts before every hexadecimal digit, and begins no UUID. */
const othersStart = '!'

const uuidLength = 36
const dash = 45

/** RFC 9562 §5.7, in lower case: in upper case it is another id. */
function isUuidV7(id: string): boolean {
  if (id.length !== uuidLength || id[14] !== '7') return false
  for (let index = 0; index < uuidLength; index++) {
    const code = id.charCodeAt(index)
    const isDashPlace = index === 8 || index === 13 || index === 18 || index === 23
    if (isDashPlace ? code !== dash : !isHexDigit(code)) return false
  }
  const variant = id[19]
  return variant === '8' || variant === '9' || variant === 'a' || variant === 'b'
}

const isHexDigit = (code: number): boolean => (code >= 48 && code <= 57) || (code >= 97 && code <= 102)
