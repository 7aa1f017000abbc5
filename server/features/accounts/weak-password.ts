/**
 * Words that guessing begins with: heads of the lists of leaked passwords, and the words of this product. With 12
 * characters asked for, a weak password is one of them repeated, joined or decorated.
 */
const commonWords =
  'password passwort passw pass letmein welcome admin administrator root login user qwertyuiop qwerty qwertz azerty asdfghjkl asdf zxcvbnm qazwsx qwer abcdefghijkl abcdef abc iloveyou love dragon monkey football baseball master sunshine princess shadow superman batman michael jordan charlie hello freedom whatever trustno starwars computer secret summer winter spring autumn monday sunday january december test testing changeme default guest temp temporary demo example company trial trialpace new my the is a'.split(
    ' ',
  )

const leet: Readonly<Record<string, string>> = {
  '@': 'a',
  0: 'o',
  1: 'i',
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
  $: 's',
  '!': 'i',
}
/** Letters that no word explains; fewer are no surprise to anyone who guesses. */
const leastSurprise = 5
const shortestLeaked = 4

const lettersOf = (text: string): string => text.replace(/[^\p{L}]/gu, '')
const without = (letters: string, words: readonly string[]): string =>
  words.reduce((rest, word) => (word === '' ? rest : rest.replaceAll(word, '')), letters)

/** As it was typed, and with `@` for a, `0` for o and the like taken back. */
const spellings = (password: string): string[] => {
  const plain = password.toLowerCase()
  return [plain, [...plain].map((char) => leet[char] ?? char).join('')]
}

const ownWords = (about: readonly string[]): string[] =>
  about.flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u)).filter((word) => word.length > 2)

/** What of a password is neither a common word, nor one about its owner, nor decoration. */
function surpriseOf(password: string, about: readonly string[]): number {
  const words = [...ownWords(about).map(lettersOf), ...commonWords].sort((a, b) => b.length - a.length)
  return Math.min(...spellings(password).map((text) => new Set(without(lettersOf(text), words)).size))
}

/** `jessicajessica` is `jessica`. */
const unrepeated = (text: string): string => {
  const period = `${text}${text}`.indexOf(text, 1)
  return text.slice(0, period)
}

/** Among the leaked, whatever signs and numbers stand around it, in between, or in place of letters. */
function isLeaked(password: string, leaked: ReadonlySet<string>): boolean {
  const bare = (text: string) => text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  return spellings(password)
    .flatMap((text) => [text, bare(text), lettersOf(text)])
    .map(unrepeated)
    .some((text) => text.length >= shortestLeaked && leaked.has(text))
}

/**
 * Whether a password is among the first that anyone would guess.
 * @param about address and name of its owner
 * @param leaked the most used of published lists, in lower case
 */
export const isAmongFirst = (
  password: string,
  about: readonly string[],
  leaked: ReadonlySet<string>,
): boolean =>
  new Set(password.toLowerCase()).size < 6 ||
  isLeaked(password, leaked) ||
  surpriseOf(password, about) < leastSurprise

let list: Promise<ReadonlySet<string>> | null = null

/** About 50,000 words, unpacked by the first who sets a password. */
const leakedPasswords = (): Promise<ReadonlySet<string>> => {
  list ??= import('@zxcvbn-ts/language-common').then(
    ({ dictionary }) => new Set(dictionary['passwords-common'] as readonly string[]),
  )
  return list
}

export const isWeakPassword = async (password: string, about: readonly string[]): Promise<boolean> =>
  isAmongFirst(password, about, await leakedPasswords())
