/** Where the card is: beside the email, folded at the bottom where there is no room, or where the rep moved it. */

export interface Place {
  left: number
  top: number
}

interface Size {
  width: number
  height: number
}

export interface Box {
  left: number
  right: number
  top: number
}

export const margin = 8
/** Of the card, at least this much stays on screen below its top edge. */
const grip = 48

export function clampPlace(wanted: Place, card: Size, window: Size): Place {
  const most = Math.max(margin, window.width - card.width - margin)
  return {
    left: Math.min(Math.max(wanted.left, margin), most),
    top: Math.min(Math.max(wanted.top, margin), Math.max(margin, window.height - grip)),
  }
}

const step = 24
const moves: Record<string, [number, number]> = {
  ArrowLeft: [-step, 0],
  ArrowRight: [step, 0],
  ArrowUp: [0, -step],
  ArrowDown: [0, step],
}

/** Where an arrow key moves the card; null for other keys. */
export function placeAfterKey(key: string, { left, top }: Place): Place | null {
  const move = moves[key]
  return move ? { left: left + move[0], top: top + move[1] } : null
}

const widths = { least: 280, most: 340, share: 0.34 }
/** Narrower than this, an email is no longer read with ease. */
const leastForEmail = 400

/** How wide the card is beside an email in an area of this width; null when both do not fit. */
export function widthBeside(area: number): number | null {
  const width = Math.round(Math.min(widths.most, Math.max(widths.least, area * widths.share)))
  return area - width - 2 * margin < leastForEmail ? null : width
}

const lowestTop = 160
const leastHeight = 96

/**
 * In the column that the email leaves free, from its top down to a window in which someone is writing.
 * @param writing tops of such windows in that column
 */
export function boxBeside(
  area: Box,
  width: number,
  window: Size,
  isRtl: boolean,
  writing: readonly number[],
): { left: number; top: number; maxHeight: number } {
  const left = isRtl ? area.left + margin : area.right - width - margin
  const top = Math.min(Math.max(area.top, margin), lowestTop)
  const bottom = Math.min(window.height, ...writing) - margin
  return { left, top, maxHeight: Math.max(leastHeight, bottom - top) }
}

/** What an older version stored, or no one: null, which is beside the email. */
export const placeFrom = (stored: unknown): Place | null => {
  const { left, top } = (stored ?? {}) as Partial<Place>
  return Number.isFinite(left) && Number.isFinite(top) ? { left: left as number, top: top as number } : null
}
