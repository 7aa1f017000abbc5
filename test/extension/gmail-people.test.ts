import { JSDOM } from 'jsdom'
import { describe, expect, test } from 'vitest'
import { ownAddresses, readCompose, readRows, readThread, threadKey } from '../../extension/gmail-people.ts'

/** The adapter on sanitised fragments of Gmail’s markup: who it finds, and whom it never does. Long for the fragments. */

const me = 'dana@acme.test'
const ann = 'ann@example.com'
const bob = 'bob@example.com'
const victim = 'victim@example.com'

const page = (
  content: string,
  { url = 'https://mail.google.com/mail/u/0/#inbox/aaa1', title = `Question - ${me} - Acme Mail` } = {},
): Document =>
  new JSDOM(`<!doctype html><title>${title}</title><body>${banner}${content}`, { url }).window.document

const banner = `<header role="banner"><a aria-label="Google Account: Dana (${me})">A</a></header>`

const person = (email: string, classes: string, name = email.split('@')[0]) =>
  `<span class="${classes}" email="${email}" name="${name}" data-hovercard-id="${email}">${name}</span>`

interface Message {
  from: string
  fromName?: string
  to?: string[]
  body?: string
}

/** Expanded message as served in August 2025. */
const message2025 = ({ from, fromName, to = [me], body = 'Hello' }: Message, index: number) => `
<div role="listitem" class="h7"><div class="adn ads" data-message-id="#msg-f:${index}" data-legacy-message-id="${index}">
<div class="gs"><div class="gE iv gt"><table class="cf gJ"><tbody>
<tr class="acZ"><td class="gF gK"><h3 class="iw"><span class="qu" role="gridcell">${person(from, 'gD', fromName)}<span class="go">&lt;${from}&gt;</span></span></h3></td><td class="gH"><span class="g3" title="Nov 20">Nov 20</span></td></tr>
<tr class="acZ xD"><td><span class="hb">to ${to.map((email) => person(email, 'g2', email === me ? 'me' : undefined)).join(', ')}</span></td></tr>
</tbody></table></div><div class="ii gt"><div class="a3s aiL">${body}</div></div></div></div></div>`

/** Collapsed message as served in December 2019. */
const message2019 = ({ from, fromName, to = [me], body = 'Hello' }: Message, index: number) => `
<div role="listitem"><div class="adf ads" data-message-id="#msg-f:${index}" data-legacy-message-id="${index}">
<table class="cf gJ"><tbody><tr><td class="gF gK" role="gridcell">${person(from, 'gD', fromName)}</td><td><span class="hb">${to.map((email) => person(email, 'g2')).join('')}</span></td></tr></tbody></table>
<div class="ii gt"><div class="a3s aXjCH">${body}</div></div></div></div>`

const generations = [
  ['2025', message2025],
  ['2019', message2019],
] as const

const thread = (messages: Message[], draw: typeof message2025 = message2025) =>
  `<div class="nH" role="main"><div class="ha"><h2 class="hP" data-legacy-thread-id="aaa1">Question</h2></div>
  <div role="list">${messages.map(draw).join('')}</div></div>`

const emails = (document: Document) => readThread(document)?.people.map(({ email }) => email)

/** As if Gmail had renamed every class. */
function scramble(document: Document): Document {
  for (const element of document.querySelectorAll('[class]'))
    element.className = [...element.classList].map((name) => `x${[...name].reverse().join('')}`).join(' ')
  return document
}
function drop(document: Document, attribute: string): Document {
  for (const element of document.querySelectorAll(`[${attribute}]`)) element.removeAttribute(attribute)
  return document
}

describe.each(generations)('a thread in the markup of %s', (_generation, draw) => {
  const two = thread([{ from: bob }, { from: ann, fromName: 'Ann Lee', to: [me, 'carl@example.com'] }], draw)

  test('gives the last sender first, with name, then the others and the recipients', () => {
    expect(readThread(page(two))).toEqual({
      id: 'aaa1',
      health: 'good',
      people: [
        { email: ann, name: 'Ann Lee' },
        { email: bob, name: 'bob' },
        { email: 'carl@example.com', name: 'carl' },
      ],
    })
  })

  test('reads the same with every class renamed, and notices', () => {
    const expected = emails(page(two))
    const scrambled = readThread(scramble(page(two)))
    expect(scrambled?.people.map(({ email }) => email)).toEqual(expected)
    expect(scrambled?.health).toBe('degraded')
  })

  test.each(['email', 'data-hovercard-id'])('reads the same without %s', (attribute) => {
    expect(emails(drop(page(two), attribute))).toEqual(emails(page(two)))
  })

  test('says that it is lost when neither attribute is left', () => {
    const bare = readThread(drop(drop(page(two), 'email'), 'data-hovercard-id'))
    expect(bare).toMatchObject({ people: [], health: 'lost' })
  })

  test.each([
    ['sender', [{ from: me, fromName: 'ich', to: [ann] }]],
    ['last sender', [{ from: ann }, { from: me, fromName: 'moi', to: [ann] }]],
    ['recipient', [{ from: ann, to: [me] }]],
    ['one of several recipients', [{ from: me, to: [me, ann] }]],
  ])('leaves out the own address as %s, whatever "me" is called', (_name, messages) => {
    expect(emails(page(thread(messages, draw)))).toEqual([ann])
  })

  test('has no one when one writes to oneself', () => {
    expect(readThread(page(thread([{ from: me, to: [me] }], draw)))).toMatchObject({
      people: [],
      health: 'good',
    })
  })

  test.each([
    ['a person', person(victim, 'gD')],
    ['a message', `<div data-message-id="x">${person(victim, 'gD')}</div>`],
    [
      'a whole route',
      `<div role="main"><h2 data-legacy-thread-id="evil">x</h2>${draw({ from: victim }, 7)}</div>`,
    ],
    ['a header table', `<table class="cf gJ"><tr><td class="gF">${person(victim, 'gD')}</td></tr></table>`],
    ['a list row', `<table><tr role="row" jsmodel="x"><td>${person(victim, 'yP')}</td></tr></table>`],
    ['an account link', `<header><a aria-label="Google Account: (${ann})">x</a></header>`],
  ])('takes no one from an email whose text holds %s', (_name, body) => {
    const document = page(thread([{ from: ann, body }], draw))
    expect(emails(document)).toEqual([ann])
    expect(readRows(document)).toEqual([])
    expect(threadKey(document)).toBe('aaa1')
    expect([...ownAddresses(document)]).toEqual([me])
  })
})

describe('whose mailbox it is', () => {
  test('is the address at the end of the title, not one in a subject', () => {
    const document = page(thread([{ from: ann }]), { title: `About ${ann} - ${me} - Acme Mail` })
    expect(emails(document)).toEqual([ann])
  })

  test('is both of a delegated account', () => {
    const document = page(thread([{ from: 'team@acme.test', to: [ann, me] }]), {
      url: 'https://mail.google.com/mail/b/AEoR/u/0/#inbox/aaa1',
      title: 'Question - team@acme.test - Acme Mail',
    })
    expect(emails(document)).toEqual([ann])
  })
})

describe.each(generations)('a sender that cannot be read, in the markup of %s', (_generation, draw) => {
  const long = `${'r'.repeat(78)}@reply.tracker.test`
  const mention = person(victim, 'gD', 'Victim')

  test.each([
    ['is no address', 'root@nas'],
    ['is too long', long],
  ])('is no one when it %s, whatever the text names', (_name, from) => {
    const read = readThread(page(thread([{ from, to: [], body: mention }], draw)))
    expect(read).toMatchObject({ people: [], health: 'good' })
  })

  test('is no one when it has lost its attributes, and the others of the thread are still read', () => {
    const document = page(thread([{ from: bob }, { from: ann, to: [], body: mention }], draw))
    for (const element of document.querySelectorAll(`[email="${ann}"]`))
      for (const attribute of ['email', 'data-hovercard-id']) element.removeAttribute(attribute)
    expect(emails(document)).toEqual([bob])
  })
})

describe('one’s own addresses', () => {
  const alias = 'hello@acme-mail.test'
  const inLanguage = (language: string, content: string) => {
    const document = page(content)
    document.documentElement.lang = language
    return document
  }

  test.each([
    ['en', 'me'],
    ['de', 'ich'],
    ['pt-BR', 'eu'],
    ['ja', '自分'],
  ])('are also those that Gmail calls by its word for the reader: %s', (language, word) => {
    const content = thread([
      { from: bob, to: [] },
      { from: alias, fromName: word, to: [bob] },
    ])
    expect(emails(inLanguage(language, content))).toEqual([bob])
  })

  test('are not those of a person who is called like it in another language, or like the rep', () => {
    expect(emails(inLanguage('en', thread([{ from: ann, fromName: 'eu' }])))).toEqual([ann])
    expect(emails(inLanguage('tr', thread([{ from: ann, fromName: 'Ben' }])))).toEqual([ann])
    const namesake = thread([
      { from: ann, fromName: 'Dana' },
      { from: me, fromName: 'Dana', to: [ann] },
    ])
    expect(emails(inLanguage('en', namesake))).toEqual([ann])
  })

  test('are also the one that an open email leaves from', () => {
    const compose = `<form><input type="hidden" name="from" value="Dana &lt;${alias}&gt;"></form>`
    expect(emails(page(thread([{ from: alias, to: [ann] }]) + compose))).toEqual([ann])
  })
})

describe('messages that a group passed on', () => {
  test.each([
    ["'Ann Lee' via Support", 'Ann Lee', 'Support'],
    ["'Ann Lee' über Support", 'Ann Lee', 'Support'],
    ['Ann Lee via Help Desk', 'Ann Lee', 'Help Desk'],
  ])('tell the writer from the group: %s', (fromName, name, group) => {
    const read = readThread(page(thread([{ from: 'support@acme.test', fromName, to: [] }])))
    expect(read?.people[0]?.via).toEqual({ name, group })
  })

  test.each(['Olivia Stone', "Pat 'Spike' Lee", 'Trivia Night', 'Ann Lee'])(
    'are not those of %s',
    (fromName) => {
      expect(readThread(page(thread([{ from: ann, fromName }])))?.people[0]?.via).toBeUndefined()
    },
  )
})

describe('the id of a thread', () => {
  const row = '<tr role="row" jsmodel="n"><td><span data-legacy-thread-id="zzz9">Other</span></td></tr>'
  const list = `<table role="grid"><tbody>${row}</tbody></table>`
  const inPane = (content: string) =>
    `<div role="main"><div>${list}</div><div>${content.replace('role="main"', '')}</div></div>`

  test('is the open one’s, never that of a row in the list beside it', () => {
    expect(readThread(page(inPane(thread([{ from: ann }]))))?.id).toBe('aaa1')
    expect(threadKey(page(inPane('No conversation selected')))).toBeNull()
    const plain = list.replace('role="grid"', '')
    expect(readThread(page(inPane(thread([{ from: ann }])).replace(list, plain)))?.id).toBe('aaa1')
  })

  test('is found where older pages hold the whole thread in a table', () => {
    const table = `<div role="main"><table><tr><td>${thread([{ from: ann }]).replace('role="main"', '')}</td></tr></table></div>`
    expect(readThread(page(table))?.id).toBe('aaa1')
  })
})

describe('routes', () => {
  const past = `<div class="nH" style="display:none">${thread([{ from: bob }]).replace('role="main"', '')}</div>`

  test('that are past and still in the document do not count', () => {
    expect(emails(page(past + thread([{ from: ann }])))).toEqual([ann])
    expect(readThread(page(past))).toBeNull()
  })

  test('that are hidden do not count', () => {
    expect(emails(page(`${thread([{ from: ann }])}<div hidden>${thread([{ from: bob }])}</div>`))).toEqual([
      ann,
    ])
  })

  test('are missing in a pop-out, which is a single thread', () => {
    const popOut = page(thread([{ from: ann }]).replace('role="main"', ''), {
      url: 'https://mail.google.com/mail/u/0/?view=btop#inbox/aaa1',
    })
    expect(emails(popOut)).toEqual([ann])
  })

  test('without a message are no thread', () => {
    expect(readThread(page('<div role="main">No conversation selected</div>'))).toBeNull()
  })
})

describe('rows of a list', () => {
  const row = (...people: string[]) =>
    `<tr class="zA yO" role="row" jsmodel="n"><td class="yX"><div class="yW">${people
      .map(
        (email) =>
          `<span class="bA4">${person(email, 'yP')}</span><span class="afn">${person(email, 'zF')}</span>`,
      )
      .join('')}</div></td></tr>`
  const list = (...rows: string[]) =>
    page(`<div role="main"><table role="grid">${rows.join('')}</table></div>`)

  test('count once although each holds a hidden copy, and pass over the own address', () => {
    expect(readRows(list(row(ann), row(me, bob), row(me))).map(({ email }) => email)).toEqual([ann, bob])
  })

  test('are read with every class renamed', () => {
    expect(readRows(scramble(list(row(ann)))).map(({ email }) => email)).toEqual([ann])
  })
})

describe('people being written to', () => {
  const body = '<div role="textbox" contenteditable="true" g_editable="true"></div>'
  const option = (email: string) =>
    `<div role="option" class="afV" data-name="Ann Lee" data-hovercard-id="${email}">Ann Lee</div>`
  const since2021 = `<div class="nH Hd" role="dialog"><div class="aoI" role="region"><div class="GS"><div class="anm" name="to"><div role="listbox">${option(ann)}</div></div><div class="anm" name="cc"><div role="listbox">${option(me)}${option(bob)}</div></div></div>${body}</div></div>`
  const before2021 = `<div class="nH Hd" role="dialog"><form class="bAs"><textarea class="vO" name="to"></textarea><div class="vR"><input type="hidden" name="to" value="Ann Lee &lt;${ann}&gt;"></div><div class="vR"><input type="hidden" name="cc" value="${bob}"></div><input type="hidden" name="subject" value="re: ${victim}"></form>${body}</div>`

  test.each([
    ['2021 on', since2021],
    ['before 2021', before2021],
  ])('are read from chips of %s', (_name, compose) => {
    expect(readCompose(page(compose)).map(({ email }) => email)).toEqual([ann, bob])
    expect(readCompose(scramble(page(compose))).map(({ email }) => email)).toEqual([ann, bob])
  })

  test('are no one while no text can be written', () => {
    expect(readCompose(page(since2021.replace(body, '')))).toEqual([])
  })
})
