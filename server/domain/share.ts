/**
 * A number in [0, 1) that depends on nothing but the text, for shares that must stay the same person by person:
 * FNV-1a (32 bit) with the final mix of MurmurHash3, so that neighbouring ids land far apart.
 */
export function shareOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
