/** Where the card stands: beside Gmail’s icon rail, or where the rep moved it, always within reach. */

export interface Place {
  left: number
  top: number
}

interface Size {
  width: number
  height: number
}

const margin = 8
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
