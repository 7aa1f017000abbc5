import { collectLimits } from '../../../shared/collect.ts'
import { readableInstant } from '../../domain/time/readable-instant.ts'
import { localeOf } from './locale-names.ts'
import { formData, textOf, withoutBadNumbers } from './read-text.ts'
import type { CollectPath } from './routes.ts'

/** A collect request as its body says it; nothing of the messages is checked yet. */
export interface CollectBody {
  readonly messages: readonly unknown[]
  readonly writeKey: unknown
  readonly sentAt: number | null
  readonly identityToken: unknown
  /** What the sender can use of the server’s decisions; vendor clients nothing. */
  readonly wants: 'nudges' | 'trial' | 'nothing'
  readonly rulesEtag: string | null
  /** Language of the page. */
  readonly locale: string | null
  /** The text held no backslash: see `validateEvent`. */
  readonly simple: boolean
  /** No single message can be over its limit. */
  readonly small: boolean
}

export type ParsedBody =
  | { readonly ok: true; readonly body: CollectBody }
  | { readonly ok: false; readonly problem: 'invalid-json' | 'invalid-request'; readonly detail: string }

type Bag = Record<string, unknown>
const isBag = (value: unknown): value is Bag =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Any content type will do: browsers send JSON as text/plain to save the preflight, RudderStack as a form.
 * @param contentType asked for only where the bytes are not UTF-8: Node builds the headers at their first use
 */
export function parseBody(
  bytes: Buffer,
  path: CollectPath,
  contentType: () => string | undefined = () => undefined,
): ParsedBody {
  const body = textOf(bytes, contentType)
  const text = body.startsWith('data=') ? (formData(body.slice('data='.length)) ?? body) : body
  const parsed = parseJson(text)
  if (parsed === undefined)
    return { ok: false, problem: 'invalid-json', detail: 'The body must be one JSON value in UTF-8.' }
  const root = Array.isArray(parsed) ? { batch: parsed } : parsed
  if (!isBag(root)) return invalid('The body must be a JSON object.')
  const messages = messagesOf(root, path)
  if (!messages) return invalid('A batch is {"batch":[…]}, a single message has a "type".')
  const context = isBag(root.context) ? root.context : null
  return {
    ok: true,
    body: {
      messages,
      writeKey: root.writeKey,
      sentAt: readableInstant(root.sentAt),
      identityToken: root.identityToken ?? context?.identityToken,
      wants: wantsOf(root.nudges, isOurLibrary(context) || isOurLibrary(contextOf(messages[0]))),
      locale: localeOf(root.locale) ?? null,
      rulesEtag: typeof root.rulesEtag === 'string' ? root.rulesEtag : null,
      simple: !text.includes('\\'),
      small: bytes.length <= collectLimits.eventBytes,
    },
  }
}

/** @returns undefined when it is no JSON, not even with the numbers mended that JSON does not know. */
function parseJson(text: string): unknown {
  for (const readable of [() => text, () => withoutBadNumbers(text)])
    try {
      return JSON.parse(readable())
    } catch {}
  return undefined
}

const invalid = (detail: string): ParsedBody => ({ ok: false, problem: 'invalid-request', detail })

function messagesOf(root: Bag, path: CollectPath): readonly unknown[] | null {
  if (path !== 'batch') {
    root.type = path
    return [root]
  }
  if (Array.isArray(root.batch)) return root.batch
  return root.batch === undefined && root.type !== undefined ? [root] : null
}

const wantsOf = (nudges: unknown, ours: boolean): CollectBody['wants'] =>
  nudges === true ? 'nudges' : nudges === false ? 'trial' : ours ? 'nudges' : 'nothing'

const contextOf = (message: unknown): Bag | null =>
  isBag(message) && isBag(message.context) ? message.context : null

const isOurLibrary = (context: Bag | null): boolean =>
  context !== null && isBag(context.library) && context.library.name === 'trialpace'
