import { atPath, withPath } from './paths.ts'
import type { Piece } from './piece.ts'

/** The part of a playbook that the sentences say. */
export function readSentences(sentences: readonly { readonly pieces: readonly Piece[] }[]): unknown {
  return sentences.flatMap(({ pieces }) => pieces).reduce(readPiece, undefined as unknown)
}

function readPiece(part: unknown, piece: Piece): unknown {
  if (piece.type === 'text') return part
  if (piece.type === 'slot') return readSlot(part, piece)
  const holder = piece.of === 'condition' ? {} : piece.of === 'list' ? [] : undefined
  const held = atPath(part, piece.path) ?? holder
  const begun = held === undefined ? part : withPath(part, piece.path, held)
  return piece.pieces.reduce(readPiece, begun)
}

function readSlot(part: unknown, { path, value, merge }: Piece & { type: 'slot' }): unknown {
  if (value === undefined) return part
  if (!merge) return withPath(part, path, value)
  return withPath(part, path, { ...(atPath(part, path) as object), ...(value as object) })
}
