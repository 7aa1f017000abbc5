import { describe, expect, it } from 'vitest'
import { demoPlaybook } from '../../../server/demo/demo-playbook.ts'
import { defaultPlaybook } from '../../../server/domain/playbook/default.ts'
import { gapsBeforeRelease, holdOf, redirectOf, unreleased } from '../../../server/domain/sending.ts'
import { releaseGaps } from '../../../shared/sending.ts'
import { address } from '../../support/life.ts'

const testAddress = address('qa@acme.example')
const ready = {
  playbook: demoPlaybook('https://app.boardly.example'),
  hasMailServer: true,
  publicUrl: 'https://trials.boardly.example',
  isPrivateUrl: false,
}
const gapsOf = (facts: Partial<typeof ready>) =>
  gapsBeforeRelease({ ...ready, ...facts }).map(({ gap }) => gap)

describe('where emails go', () => {
  it('nowhere before the release, whatever the mode', () => {
    for (const mode of ['normal', 'test', 'never'] as const)
      expect(holdOf({ releasedAt: null, mode, testAddress })).toMatch('not released')
  })

  it('to people, to the test address, or nowhere', () => {
    const released = { releasedAt: 0, testAddress }
    expect([holdOf({ ...released, mode: 'normal' }), redirectOf({ ...released, mode: 'normal' })]).toEqual([
      null,
      null,
    ])
    expect([holdOf({ ...released, mode: 'test' }), redirectOf({ ...released, mode: 'test' })]).toEqual([
      null,
      testAddress,
    ])
    expect(holdOf({ ...released, mode: 'never' })).toMatch('no email')
    expect(redirectOf(unreleased)).toBeNull()
  })
})

describe('what is missing before the release', () => {
  it('is nothing for a complete product', () => expect(gapsOf({})).toEqual([]))

  it('is everything in a fresh workspace, in the order in which to mend it', () => {
    const fresh = gapsOf({ playbook: defaultPlaybook, hasMailServer: false, publicUrl: null as never })
    expect(fresh).toEqual(releaseGaps.filter((gap) => gap !== 'privateUrl'))
  })

  it.each([
    ['productName', { product: { ...ready.playbook.product, name: 'Your product' } }],
    ['productUrl', { product: { ...ready.playbook.product, upgradeUrl: 'https://example.com/pay' } }],
    [
      'postalAddress',
      { product: { ...ready.playbook.product, postalAddress: 'Your company, street, city, country' } },
    ],
    [
      'senderName',
      { senders: { ...ready.playbook.senders, rep: { name: 'Your customer success rep', title: '' } } },
    ],
    ['milestones', { milestones: defaultPlaybook.milestones }],
  ])('is %s where the example’s words still stand', (gap, change) => {
    expect(gapsOf({ playbook: { ...ready.playbook, ...change } })).toEqual([gap])
  })

  it('only warns of an address of this machine and of the example’s events', () => {
    const warned = gapsBeforeRelease({
      ...ready,
      isPrivateUrl: true,
      playbook: { ...ready.playbook, milestones: defaultPlaybook.milestones },
    })
    expect(warned.map(({ gap, isNeeded }) => [gap, isNeeded])).toEqual([
      ['privateUrl', false],
      ['milestones', false],
    ])
  })
})
