import { JSDOM } from 'jsdom'
import { describe, expect, test } from 'vitest'
import { chooseCompose, composeWindows } from '../../extension/gmail-compose.ts'

/** Into which email a text with one person’s numbers may go. */

const ann = { name: 'Ann Lee', addresses: ['ann@example.com'] }
const body = '<div role="textbox" contenteditable="true" g_editable="true"></div>'
const chip = (email: string) => `<div role="option" data-hovercard-id="${email}">x</div>`
const box = (id: string, chips: string) =>
  `<div role="dialog" id="${id}"><div role="region"><div role="listbox">${chips}</div>${body}</div></div>`
const page = (content: string) => new JSDOM(`<!doctype html><body>${content}`).window.document

function choose(content: string, focused: string | null, person = ann) {
  const document = page(content)
  const windows = composeWindows(document)
  const choice = chooseCompose(windows, focused ? document.getElementById(focused) : null, person)
  return choice.ok ? choice.body.closest('[id]')?.id : choice.why
}

describe('a text about one person', () => {
  const two = box('to-ann', chip('ann@example.com')) + box('to-bob', chip('bob@example.com'))

  test('goes into the email that was written in last, wherever it is in the page', () => {
    expect(choose(two, 'to-ann')).toBe('to-ann')
  })

  test('never goes to someone else', () => {
    expect(choose(two, 'to-bob')).toBe(
      'Not inserted: the email you are writing goes to bob@example.com, not to Ann Lee.',
    )
  })

  test('waits for a click when it is not clear which email is meant', () => {
    expect(choose(two, null)).toBe('Click into the email you are writing, then insert.')
    expect(choose('', null)).toBe('Open a reply first, then insert.')
  })

  test('does not go into an email without readable recipients', () => {
    expect(choose(box('none', ''), 'none')).toContain('names no recipient yet')
  })

  test('goes to another spelling of the same Gmail mailbox, not to a tag elsewhere', () => {
    const kim = { name: 'Kim', addresses: ['kim.park+trial@googlemail.com'] }
    expect(choose(box('kim', chip('kimpark@gmail.com')), 'kim', kim)).toBe('kim')
    const leo = { name: 'Leo', addresses: ['leo+boardly@firm.test'] }
    expect(choose(box('leo', chip('leo@firm.test')), 'leo', leo)).toContain('not to Leo')
  })
})

describe('recipients of an email being written', () => {
  const recipients = (content: string) =>
    composeWindows(page(content)).map((window) => window.recipients.map(({ email }) => email))

  test('are read when Gmail has folded them', () => {
    const folded = `<div id="inline"><form><span email="ann@example.com">Ann</span></form></div>`
    expect(recipients(`<div role="dialog">${folded}${body}</div>`)).toEqual([['ann@example.com']])
  })

  test('are not the suggestions of the address field', () => {
    const field = '<input role="combobox" aria-controls="s">'
    const list = `<div role="listbox" id="s">${chip('victim@example.com')}</div>`
    expect(recipients(`<div role="dialog">${field}${list}${body}</div>`)).toEqual([[]])
  })

  test('are not people whom the quoted text mentions', () => {
    const quoting = body.replace('></div>', '><span email="victim@example.com">x</span></div>')
    expect(recipients(`<div role="dialog">${quoting}</div>`)).toEqual([[]])
  })

  test('are not the people of the thread around an inline reply', () => {
    const message = '<div data-message-id="1"><span email="ann@example.com">Ann</span></div>'
    const reply = `<form id="reply"><div role="listbox">${chip('bob@example.com')}</div>${body}</form>`
    expect(recipients(`<div role="region">${message}${reply}</div>`)).toEqual([['bob@example.com']])
  })

  test('of a form inside a received email are no one', () => {
    expect(recipients(`<div data-message-id="1">${box('fake', chip('victim@example.com'))}</div>`)).toEqual(
      [],
    )
  })
})
