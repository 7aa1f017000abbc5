import { describe, expect, it } from 'vitest'
import { oneOfEachTeam } from '../../extension/one-of-each-team.ts'

const people = ['ann@a.example', 'bea@a.example', 'cleo@b.example', 'dora@c.example'].map((email) => ({
  email,
  name: null,
}))
const ofTeam = (companyId: string) => ({ team: { companyId, members: [], more: 0 } })
const cards = {
  'ann@a.example': ofTeam('a'),
  'bea@a.example': ofTeam('a'),
  'cleo@b.example': {},
  'dora@c.example': null,
}
const shown = (selected: string | null) =>
  oneOfEachTeam(people, cards, selected).map(({ email }) => email.slice(0, 3))

describe('an email to a whole team', () => {
  it('shows one of them for all who share a trial, and everyone else', () => {
    expect(shown(null)).toEqual(['ann', 'cle', 'dor'])
  })

  it('shows the one whose card is open', () => {
    expect(shown('bea@a.example')).toEqual(['bea', 'cle', 'dor'])
  })
})
