import { describe, expect, test } from 'vitest'
import { boxBeside, clampPlace, placeAfterKey, placeFrom, widthBeside } from '../../extension/place.ts'

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

describe('a card beside the email', () => {
  test.each([
    [1280, 340],
    [968, 329],
    [712, 280],
    [640, null],
    [320, null],
  ])('in an area of %i pixels is %s wide', (area, width) => {
    expect(widthBeside(area)).toBe(width)
  })

  const area = { left: 200, right: 1200, top: 64 }
  test('is at the end of the line, and ends above a window in which someone writes', () => {
    expect(boxBeside(area, 340, window, false, [])).toEqual({ left: 852, top: 64, maxHeight: 788 })
    expect(boxBeside(area, 340, window, true, [])).toMatchObject({ left: 208 })
    expect(boxBeside(area, 340, window, false, [500, 700])).toMatchObject({ maxHeight: 428 })
  })

  test('keeps a usable height, and its place while the page is scrolled', () => {
    expect(boxBeside(area, 340, window, false, [70]).maxHeight).toBe(96)
    expect(boxBeside({ ...area, top: -3000 }, 340, window, false, []).top).toBe(8)
    expect(boxBeside({ ...area, top: 700 }, 340, window, false, []).top).toBe(160)
  })

  test.each([[null], [undefined], [{}], [{ left: 'x', top: 1 }], [{ left: Number.NaN, top: 1 }], ['beside']])(
    'is what %j means',
    (stored) => expect(placeFrom(stored)).toBeNull(),
  )
})
