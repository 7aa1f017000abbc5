import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanImage } from '../../../../server/features/brand/clean-image.ts'
import { blankPng, plainJpeg, pngChunk, pngHeader, pngSignature } from '../../../support/pictures.ts'

const kept = async (bytes: Buffer) => {
  const result = await cleanImage(bytes)
  return result.ok ? result.image : result.why
}
const why = async (bytes: Buffer | string) => {
  const result = await cleanImage(Buffer.from(bytes as string))
  return result.ok ? 'taken' : result.why
}

describe('a logo that is uploaded', () => {
  it('is a PNG with its size, as it came', async () => {
    const bytes = blankPng(280, 80)
    expect(await kept(bytes)).toEqual({ type: 'png', width: 280, height: 80, bytes })
  })

  it('is a JPEG with its size, as it came', async () => {
    const bytes = plainJpeg(300, 90)
    expect(await kept(bytes)).toEqual({ type: 'jpg', width: 300, height: 90, bytes })
  })

  it('loses notes, places, animations and what follows its end', async () => {
    const more = [
      pngChunk('tEXt', Buffer.from('Comment\0<script>alert(1)</script>')),
      pngChunk('eXIf', Buffer.from('51.5 N')),
      pngChunk('acTL', Buffer.alloc(8)),
    ]
    const dirty = Buffer.concat([blankPng(20, 20, more), Buffer.from('PK\x03\x04 an archive')])
    expect(await kept(dirty)).toMatchObject({ bytes: blankPng(20, 20) })
    const photo = plainJpeg(20, 20, [
      [0xe1, 'Exif\0\0 51.5 N'],
      [0xfe, '<?php evil'],
    ])
    expect(await kept(Buffer.concat([photo, Buffer.from('<html>')]))).toMatchObject({
      bytes: plainJpeg(20, 20),
    })
  })

  it.each([
    ['an SVG', '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', /SVG/],
    ['a bare SVG', '  <svg onload="alert(1)">', /SVG/],
    ['a GIF', 'GIF89a……', /GIF/],
    ['a WebP', 'RIFF\x10\0\0\0WEBPVP8 ', /WebP/],
    ['a page', '<!doctype html><script>alert(1)</script>', /neither/],
    ['no bytes at all', '', /neither/],
  ])('is refused where it is %s', async (_, bytes, words) => {
    expect(await why(bytes)).toMatch(words)
  })

  it('is refused where it is damaged, cut off, or promises more pixels than it has', async () => {
    const whole = blankPng(30, 30)
    const damaged = Buffer.from(whole)
    damaged[20] = 0xff
    expect(await why(damaged)).toMatch(/damaged/)
    expect(await why(whole.subarray(0, -13))).toMatch(/damaged/)
    const parts = [pngSignature, pngHeader(300, 300), whole.subarray(33)]
    expect(await why(Buffer.concat(parts))).toMatch(/damaged/)
    expect(await why(plainJpeg(30, 30).subarray(0, -2))).toMatch(/damaged/)
  })

  it('is refused where it is larger than a logo can be, however small its file', async () => {
    const bomb = Buffer.concat([pngSignature, pngHeader(30_000, 30_000), blankPng(1, 1).subarray(33)])
    expect(await why(bomb)).toMatch(/30000 × 30000/)
    expect(await why(plainJpeg(4001, 10))).toMatch(/4001 × 10/)
  })

  it('is interlaced too', async () => {
    const bad = Buffer.concat([pngSignature, pngHeader(30, 30, 1), blankPng(30, 30).subarray(33)])
    expect(await why(bad)).toMatch(/damaged/)
  })

  it('is never more than an answer, whatever the bytes are', async () => {
    const broken = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .tuple(fc.constantFrom(blankPng(9, 9), plainJpeg(9, 9)), fc.nat(200), fc.nat(255))
        .map(([bytes, at, value]) => {
          const changed = Buffer.from(bytes)
          changed[at % changed.length] = value
          return changed
        }),
    )
    await fc.assert(
      fc.asyncProperty(broken, async (bytes) => {
        const first = await cleanImage(Buffer.from(bytes))
        if (!first.ok) return
        // What was cleaned once is clean.
        const again = await cleanImage(first.image.bytes)
        expect(again).toEqual(first)
      }),
      { numRuns: 400 },
    )
  })
})
