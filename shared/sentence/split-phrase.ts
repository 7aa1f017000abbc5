import { type Piece, words } from './piece.ts'

/** The words of a phrase, with the pieces of its slots (`{name}`) between them. */
export function splitPhrase(phrase: string, slot: (name: string) => readonly Piece[]): Piece[] {
  return phrase
    .split(/\{(\w+)\}/)
    .flatMap((part, index) => (index % 2 === 1 ? slot(part) : part === '' ? [] : [words(part)]))
}

/** The names of its slots. */
export const slotsOf = (phrase: string): string[] =>
  [...phrase.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
