import { isAligned, normalDomain } from '../../domain/organisational-domain.ts'
import type { DnsAnswer } from '../../ports.ts'
import { tagsOf } from './dkim-record.ts'
import { type NeededRecord, publishFix, silentVerdict, type Verdict } from './record.ts'

/** What our email shows to a receiver who checks it against the policy. */
export interface MailIdentity {
  readonly fromDomain: string
  /** Domain of our own signature; null when the relay signs. */
  readonly signedFor: string | null
  /** Domain of the return path, which SPF is about. */
  readonly returnDomain: string
}

const isDmarc = (text: string): boolean => /^v=dmarc1\s*(;|$)/i.test(text)
const policies = ['none', 'quarantine', 'reject']

const passes = (domain: string, from: string, strict: boolean): boolean =>
  strict ? normalDomain(domain) === normalDomain(from) : isAligned(domain, from)

/** Whether our email passes, by what; `perhaps` where the relay signs and no one here knows for whom. */
function alignment(
  tags: ReadonlyMap<string, string>,
  { fromDomain, signedFor, returnDomain }: MailIdentity,
): 'yes' | 'perhaps' | 'no' {
  const strict = (tag: string) => tags.get(tag)?.toLowerCase() === 's'
  if (passes(returnDomain, fromDomain, strict('aspf'))) return 'yes'
  if (signedFor === null) return 'perhaps'
  return passes(signedFor, fromDomain, strict('adkim')) ? 'yes' : 'no'
}

function judgePolicy(text: string, identity: MailIdentity, name: string): Omit<Verdict, 'found'> {
  const tags = tagsOf(text)
  const policy = tags.get('p')?.toLowerCase() ?? 'none'
  if (!policies.includes(policy))
    return {
      state: 'wrong',
      detail: `p=${policy} is no policy`,
      fix: `Write p=none, p=quarantine or p=reject at ${name}.`,
    }
  const aligned = alignment(tags, identity)
  const signFor = `Sign for ${identity.fromDomain} (DKIM_DOMAIN) or keep adkim and aspf relaxed (r).`
  if (aligned === 'no')
    return {
      state: 'wrong',
      detail: `neither the signature (${identity.signedFor}) nor the return path (${identity.returnDomain}) counts as ${identity.fromDomain}`,
      fix: signFor,
    }
  if (aligned === 'perhaps')
    return {
      state: 'warning',
      detail: `p=${policy}; passes only if your mail server signs for ${identity.fromDomain}, because the return path (${identity.returnDomain}) does not count`,
      fix: signFor,
    }
  if (!tags.has('rua'))
    return {
      state: 'warning',
      detail: `p=${policy}, but no one gets the reports`,
      fix: `Add rua=mailto:dmarc@${identity.fromDomain} to the record, so that you see who sends as you.`,
    }
  return policy === 'none'
    ? {
        state: 'ok',
        detail: 'p=none: receivers report, and do nothing else',
        fix: `Once the reports have been clean for a few weeks, move on to p=quarantine, then p=reject.`,
      }
    : { state: 'ok', detail: `p=${policy}, with reports`, fix: null }
}

/** @param inherited the record of the organisational domain, which holds where the name itself has none */
export function judgeDmarc(
  record: NeededRecord,
  answer: DnsAnswer,
  inherited: DnsAnswer,
  identity: MailIdentity,
): Verdict {
  if (answer.state === 'silent') return silentVerdict(answer.why)
  const own = answer.state === 'found' ? answer.values.filter(isDmarc) : []
  if (own.length === 0 && inherited.state === 'silent') return silentVerdict(inherited.why)
  const found = own.length > 0 || inherited.state !== 'found' ? own : inherited.values.filter(isDmarc)
  const [text, another] = found
  if (text === undefined)
    return { state: 'wrong', detail: `${record.name} has no DMARC record`, fix: publishFix(record), found }
  if (another !== undefined)
    return {
      state: 'wrong',
      detail: `there are ${found.length} DMARC records; receivers then use none`,
      fix: `Keep one of them at ${record.name}.`,
      found,
    }
  return { ...judgePolicy(text, identity, record.name), found }
}
