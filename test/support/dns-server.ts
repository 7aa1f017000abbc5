import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type Answer, decode, encode, type Question } from 'dns-packet'

type RecordType = 'TXT' | 'MX' | 'A' | 'AAAA' | 'PTR' | 'CNAME'

/** What is there for each name. `silent` gives no answer at all, `failing` answers SERVFAIL. */
export type DnsZone = Record<string, Partial<Record<RecordType, readonly string[]>> | 'silent' | 'failing'>

const rcodes = { noError: 0, serverFailure: 2, noSuchName: 3 }

/** A TXT record is a row of strings of at most 255 bytes. */
const strings = (text: string): string[] => text.match(/.{1,255}/gs) ?? ['']

function answerOf(name: string, type: RecordType, value: string): Answer {
  const base = { name, ttl: 0, class: 'IN' } as const
  if (type === 'TXT') return { ...base, type, data: strings(value) }
  if (type !== 'MX') return { ...base, type, data: value }
  const [preference, exchange = ''] = value.split(' ')
  return { ...base, type, data: { preference: Number(preference), exchange } }
}

/** Follows aliases, as a resolver does. */
function answersTo(zone: DnsZone, name: string, type: RecordType): Answer[] {
  const records = zone[name]
  if (records === undefined || typeof records === 'string') return []
  const own = (records[type] ?? []).map((value) => answerOf(name, type, value))
  const [target] = type === 'CNAME' ? [] : (records.CNAME ?? [])
  return target === undefined
    ? own
    : [answerOf(name, 'CNAME', target), ...answersTo(zone, target, type), ...own]
}

export const reverseName = (address: string): string =>
  `${address.split('.').reverse().join('.')}.in-addr.arpa`

/**
 * A name server of its own on loopback, over UDP. The zone may be changed while it runs.
 * @param at where; the port that programs ask without being told needs root.
 */
export async function serveDns(zone: DnsZone, at = { address: '127.0.0.1', port: 0 }) {
  const socket = createSocket('udp4')
  const asked: string[] = []
  socket.on('message', (message, from) => {
    const { id, questions = [] } = decode(message)
    const [question] = questions as [Question]
    const name = question.name.toLowerCase()
    asked.push(`${name} ${question.type}`)
    const records = zone[name]
    if (records === 'silent') return
    const rcode =
      records === 'failing'
        ? rcodes.serverFailure
        : records === undefined
          ? rcodes.noSuchName
          : rcodes.noError
    const packet = encode({
      type: 'response',
      ...(id !== undefined && { id }),
      flags: rcode,
      questions,
      answers: answersTo(zone, name, question.type as RecordType),
    })
    socket.send(packet, from.port, from.address)
  })
  socket.bind(at)
  await once(socket, 'listening')
  const { port } = socket.address() as AddressInfo
  return {
    /** For `DNS_SERVERS`. */
    address: `${at.address}:${port}`,
    /** `name TYPE` of every question so far. */
    asked,
    close: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  }
}

export type ServedDns = Awaited<ReturnType<typeof serveDns>>
