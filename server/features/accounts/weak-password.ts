/**
 * Words that guessing begins with: the heads of published lists of leaked passwords, keyboard walks, and the words of
 * this product. With 12 characters asked for, a weak password is one of them repeated, joined or decorated.
 */
const commonWords = [
  ...[
    'password',
    'passwort',
    'passw',
    'pass',
    'letmein',
    'welcome',
    'admin',
    'administrator',
    'root',
    'login',
    'user',
  ],
  ...[
    'qwertyuiop',
    'qwerty',
    'qwertz',
    'azerty',
    'asdfghjkl',
    'asdf',
    'zxcvbnm',
    'qazwsx',
    'qwer',
    'abcdefghijkl',
    'abcdef',
    'abc',
  ],
  ...[
    'iloveyou',
    'love',
    'dragon',
    'monkey',
    'football',
    'baseball',
    'master',
    'sunshine',
    'princess',
    'shadow',
    'superman',
  ],
  ...[
    'batman',
    'michael',
    'jordan',
    'charlie',
    'hello',
    'freedom',
    'whatever',
    'trustno',
    'starwars',
    'computer',
    'secret',
  ],
  ...[
    'summer',
    'winter',
    'spring',
    'autumn',
    'monday',
    'sunday',
    'january',
    'december',
    'test',
    'testing',
    'changeme',
  ],
  ...[
    'default',
    'guest',
    'temp',
    'temporary',
    'demo',
    'example',
    'company',
    'trial',
    'trialpace',
    'new',
    'my',
    'the',
    'is',
    'a',
  ],
].sort((a, b) => b.length - a.length)

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

const lettersOf = (text: string): string => text.replace(/[^\p{L}]/gu, '')
const without = (letters: string, words: readonly string[]): string =>
  words.reduce((rest, word) => (word === '' ? rest : rest.replaceAll(word, '')), letters)

/** What of a password is neither a common word, nor one about its owner, nor decoration. */
function surpriseOf(password: string, about: readonly string[]): number {
  const plain = password.toLowerCase()
  const unmasked = [...plain].map((char) => leet[char] ?? char).join('')
  const own = about
    .flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u))
    .filter((word) => word.length > 2)
  const words = [...own.map(lettersOf), ...commonWords].sort((a, b) => b.length - a.length)
  return Math.min(...[plain, unmasked].map((text) => new Set(without(lettersOf(text), words)).size))
}

/**
 * Whether a password is among the first that anyone would guess.
 * @param about address and name of its owner
 */
export function isWeakPassword(password: string, about: readonly string[]): boolean {
  return new Set(password.toLowerCase()).size < 6 || surpriseOf(password, about) < leastSurprise
}
