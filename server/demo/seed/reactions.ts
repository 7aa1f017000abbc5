import { minuteMs, secondMs } from '../../../shared/clock.ts'
import { classifyHits, type Hit } from '../../domain/metrics/classify-hit.ts'
import type { OutboxMessage } from '../../domain/trial/model.ts'
import type { Random } from '../../ports.ts'
import { between } from './random.ts'

/** Email programs and proxies as they name themselves. */
const apple = 'Mozilla/5.0'
const gmail = 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)'
const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148'
const thunderbird = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0'
const outlook =
  'Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Win64; x64; Trident/7.0; Microsoft Outlook 16.0.17928; ms-office; MSOffice 16)'
const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36'

const readers = [gmail, gmail, iphone, iphone, thunderbird, outlook] as const
/** Of a hundred emails: how many Apple fetches unseen, a scanner walks, a person opens and then clicks. */
const shares = { apple: 20, scanner: 12, opened: 42, clicked: 30 } as const

/** Links a seeded email is taken to have. */
const links = 2

type Deed = Pick<Hit, 'type' | 'at' | 'userAgent'> & Partial<Pick<Hit, 'link' | 'verifiedAt'>>

/** What came back from one mail: people, proxies and scanners, in shares as they are met. */
export function reactionsTo({ token, sentAt }: OutboxMessage, random: Random): Hit[] {
  if (token === null || sentAt === null) return []
  const open = (at: number, userAgent: string): Deed => ({ type: 'open', at, userAgent })
  const click = (at: number, userAgent: string, link = 0): Deed => ({ type: 'click', at, userAgent, link })
  const deeds: Deed[] = []
  const chance = between(random, 0, 99)
  if (chance < shares.apple) deeds.push(open(sentAt + between(random, 1, 30) * minuteMs, apple))
  else if (chance < shares.apple + shares.scanner)
    for (let link = 0; link < links; link++) deeds.push(click(sentAt + (link + 1) * secondMs, chrome, link))
  else if (chance < shares.apple + shares.scanner + shares.opened) {
    const at = sentAt + between(random, 3, 400) * minuteMs
    const agent = readers[between(random, 0, readers.length - 1)] ?? gmail
    deeds.push(open(at, agent))
    if (between(random, 0, 99) < shares.clicked) {
      const clickAt = at + between(random, 20, 90) * secondMs
      const hasArrived = between(random, 0, 3) > 0
      const browser = agent === iphone ? iphone : chrome
      deeds.push({ ...click(clickAt, browser), verifiedAt: hasArrived ? clickAt + 2 * secondMs : null })
    }
  }
  return deeds.map((deed, index) => hitOf(token, `seed-${index}`, deed))
}

const hitOf = (token: string, id: string, deed: Deed): Hit => ({
  link: null,
  verifiedAt: null,
  ...deed,
  id: `${token}/${id}`,
  method: 'GET',
  network: '192.0.2.0/24',
})

/** What a person does with an email by the story told of them; a click arrives in the product. */
export const toldHit = (token: string, type: 'open' | 'click', at: number): Hit =>
  hitOf(token, `seed-told-${type}-${at}`, {
    type,
    at,
    userAgent: chrome,
    ...(type === 'click' && { link: 0, verifiedAt: at + 2 * secondMs }),
  })

/** The same judgement as over real hits. */
export const judged = (hits: readonly Hit[], sentAt: number) => {
  const verdicts = classifyHits(hits, () => ({ acceptedAt: sentAt, links, otherMails: 0 }))
  return hits.flatMap((hit) => {
    const verdict = verdicts.get(hit.id)
    return verdict ? [{ hit, verdict }] : []
  })
}
