/**
 * Korean particles take one of two forms, by whether the word before them ends in a consonant. Messages write both,
 * `를(을)`, `가(이)`, `는(은)`, `와(과)`, `(으)로`; this keeps the one that fits the word that was filled in.
 */
const pairs: Readonly<Record<string, readonly [afterVowel: string, afterConsonant: string]>> = {
  '를(을)': ['를', '을'],
  '을(를)': ['를', '을'],
  '가(이)': ['가', '이'],
  '이(가)': ['가', '이'],
  '는(은)': ['는', '은'],
  '은(는)': ['는', '은'],
  '와(과)': ['와', '과'],
  '과(와)': ['와', '과'],
  '(으)로': ['로', '으로'],
}

const finalConsonants = 28
/** Index of ㄹ among the final consonants: before it stands 로, not 으로. */
const rieul = 8

/** How the last letter is read in Korean: its final consonant, 0 for none, null when no one can tell. */
function finalOf(letter: string): number | null {
  const code = letter.codePointAt(0) ?? 0
  if (code >= 0xac00 && code <= 0xd7a3) return (code - 0xac00) % finalConsonants
  if (/[013678]/.test(letter)) return /[178]/.test(letter) ? rieul : 1
  if (/[2459]/.test(letter)) return 0
  if (/[lr]/i.test(letter)) return /l/i.test(letter) ? rieul : 0
  if (/[bcdkmnpqtg]/i.test(letter)) return /[dt]/i.test(letter) ? 0 : 1
  return /[a-z]/i.test(letter) ? 0 : null
}

export const koreanParticles = (text: string): string =>
  text.replace(
    /([^\s\ue000\ue001])([\ue000\ue001”’"]*)(를\(을\)|을\(를\)|가\(이\)|이\(가\)|는\(은\)|은\(는\)|와\(과\)|과\(와\)|\(으\)로)/gu,
    (whole, letter: string, between: string, both: string) => {
      const final = finalOf(letter)
      const forms = pairs[both]
      if (final === null || !forms) return whole
      const isConsonant = both === '(으)로' ? final !== 0 && final !== rieul : final !== 0
      return `${letter}${between}${forms[isConsonant ? 1 : 0]}`
    },
  )
