import { describe, expect, test } from 'vitest'
import { clampPlace, placeAfterKey } from '../../extension/place.ts'

const card = { width: 340, height: 500 }
const window = { width: 1280, height: 860 }

describe('a card that was moved', () => {
  test.each([
    ['stays where it was put', { left: 300, top: 200 }, { left: 300, top: 200 }],
    ['stays on screen at the left and top', { left: -900, top: -5 }, { left: 8, top: 8 }],
    ['stays within reach at the right and bottom', { left: 5000, top: 5000 }, { left: 932, top: 812 }],
  ])('%s', (_name, wanted, expected) => {
    expect(clampPlace(wanted, card, window)).toEqual(expected)
  })

  test('stays reachable in a window that is smaller than itself, as at 200 % zoom', () => {
    expect(clampPlace({ left: 400, top: 400 }, card, { width: 320, height: 40 })).toEqual({ left: 8, top: 8 })
  })

  test('moves by arrow keys and by no other', () => {
    expect(placeAfterKey('ArrowLeft', { left: 100, top: 100 })).toEqual({ left: 76, top: 100 })
    expect(placeAfterKey('a', { left: 100, top: 100 })).toBeNull()
  })
})
