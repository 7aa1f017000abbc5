import * as z from 'zod'
import { dayMs } from '../../../shared/clock.ts'
import { identityFaults } from '../../../shared/identity-check.ts'
import type { PlaybookInput } from '../../../shared/playbook.ts'
import { sendingModes } from '../../../shared/sending.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { type IdentityMode, identityModes, type KeyScope, keyScopes } from '../../../shared/trust.ts'
import type { Sending } from '../../domain/sending.ts'
import { define, workspaceOwned } from './definition.ts'
import { address, instant, texts, workspaceId } from './parts.ts'

/** A key as it may be shown: never the key itself. */
export interface KeyInfo {
  readonly id: string
  readonly label: string
  /** First and last characters, to tell keys apart. */
  readonly hint: string
  readonly createdAt: number
  readonly scope: KeyScope
  /** A rotated key goes on working until then; null: until it is revoked. */
  readonly expiresAt: number | null
}

export interface StoredKey extends Omit<KeyInfo, 'scope'> {
  readonly hash: string
  /** Absent: full. */
  readonly scope?: KeyScope
}

export interface StoredWorkspace {
  readonly name: string
  readonly writeKey: string
  readonly oldWriteKeys: readonly { readonly key: string; readonly expiresAt: number }[]
  readonly secretKeys: readonly StoredKey[]
  readonly identitySecret: string
  readonly linkSecret: string
  /** Absent before there was a choice. */
  readonly identity?: IdentityMode
  /** Of earlier versions. */
  readonly allowUnverifiedUsage?: boolean
  readonly createdAt: number
  /** Fingerprints of keys and secrets that were revoked or rotated away: a start never brings them back. */
  readonly retired?: readonly string[]
  /** Absent in those of versions that sent at once. */
  readonly sending?: Sending
}

/** Where this database lives, see instance-fence.ts. */
export interface InstanceRecord {
  /** Names this installation; a confirmed clone gets one of its own. */
  readonly instanceId: string
  readonly fingerprint: string
  readonly since: number
  /** Where it lived before, newest first, at most ten. */
  readonly moves: readonly { readonly fingerprint: string; readonly until: number }[]
}

/** Long work in small steps: each step is saved, so that it can be watched, cancelled, and resumed after a crash. */
export interface Job {
  readonly id: string
  readonly workspaceId: WorkspaceId
  readonly kind: string
  readonly state: 'queued' | 'running' | 'done' | 'cancelled' | 'failed'
  readonly done: number
  /** null: not known beforehand. */
  readonly total: number | null
  readonly createdAt: string
  readonly updatedAt: string
  readonly by: string
  /** Where the next step begins. */
  readonly cursor: string | null
  readonly error: string | null
}

export interface StoredJob extends Job {
  readonly leaseUntil: number
  readonly failures: number
}

/** Who did what to whom. Append only; each row's hash covers the one before, so a change anywhere shows. */
export interface AuditRow {
  readonly seq: number
  readonly at: string
  /** `account:<id>`, `key:<id>`, `trialist` … never an address. */
  readonly by: string
  readonly action: string
  /** A pseudonym when it is a person, so that erasing them leaves the chain whole. */
  readonly subject: string | null
  readonly before: unknown
  readonly after: unknown
  readonly ip: string | null
  readonly prev: string
  readonly hash: string
}

export interface StoredPlaybook {
  readonly playbook: PlaybookInput
  readonly at: string
  readonly by: string
  readonly note: string
}

/** The answer to a request that may be repeated. */
export interface KeptAnswer {
  readonly fingerprint: string
  readonly at: number
  /** Encrypted; null while the first request is still at work. */
  readonly answer: string | null
}

export const keepAnswersMs = dayMs

const keyBody = z.strictObject({
  id: z.string(),
  label: z.string(),
  hint: z.string(),
  createdAt: instant,
  expiresAt: instant.nullable(),
  hash: z.string(),
  scope: z.enum(keyScopes).exactOptional(),
})

/** What a workspace and the installation consist of. */
export const serverDocuments = {
  /** That the mail server refuses us, anyone who the recipients are; one for all workspaces, gone once it takes email. */
  'sending-trouble': define({
    body: z.strictObject({
      since: instant,
      lastAt: instant,
      cause: z.enum(['account', 'refused', 'unreachable']),
      stage: z.string(),
      answer: z.string(),
    }),
    owner: { of: 'server' },
    keep: 'forever',
  }),

  workspace: define<StoredWorkspace>({
    body: z.strictObject({
      name: z.string(),
      writeKey: z.string(),
      oldWriteKeys: z.array(z.strictObject({ key: z.string(), expiresAt: instant })).readonly(),
      secretKeys: z.array(keyBody).readonly(),
      identitySecret: z.string(),
      linkSecret: z.string(),
      identity: z.enum(identityModes).exactOptional(),
      allowUnverifiedUsage: z.boolean().exactOptional(),
      createdAt: instant,
      retired: texts.exactOptional(),
      sending: z
        .strictObject({
          releasedAt: instant.nullable(),
          mode: z.enum(sendingModes),
          testAddress: address.nullable(),
        })
        .exactOptional(),
    }),
    owner: workspaceOwned,
    keep: 'forever',
  }),
  /** What became of the last identify call of a browser, null: all was well; id: workspace. */
  'identity-check': define({
    body: z.strictObject({ at: instant, fault: z.enum(identityFaults).nullable() }),
    owner: workspaceOwned,
    keep: 'forever',
  }),
  /** Hashes of the tokens with which the first account can be made; one, id `this`. */
  'setup-token': define({
    body: z.strictObject({ hashes: texts }),
    owner: { of: 'server' },
    keep: 'forever',
  }),
  /** The key of fingerprints, sealed with the present key; one, since the encryption key was changed. */
  vault: define({ body: z.strictObject({ sealed: z.string() }), owner: { of: 'server' }, keep: 'forever' }),
  /** Id: a topic; only its version counts, see revisions.ts. */
  revision: define({ body: z.null(), owner: { of: 'server' }, keep: 'forever' }),
  /** When requests last came through a proxy that the server is not told of; one, id `this`. */
  'forwarded-seen': define({
    body: z.strictObject({ at: instant }),
    owner: { of: 'server' },
    keep: { forMs: 90 * dayMs, since: ({ at }) => at },
  }),
  /** One, id `this`. */
  instance: define<InstanceRecord>({
    body: z.strictObject({
      instanceId: z.string(),
      fingerprint: z.string(),
      since: instant,
      moves: z.array(z.strictObject({ fingerprint: z.string(), until: instant })).readonly(),
    }),
    owner: { of: 'server' },
    keep: 'forever',
  }),
  /** Id `<workspace>/<job>`. */
  job: define<StoredJob>({
    body: z.strictObject({
      id: z.string(),
      workspaceId,
      kind: z.string(),
      state: z.enum(['queued', 'running', 'done', 'cancelled', 'failed']),
      done: z.int(),
      total: z.int().nullable(),
      createdAt: z.string(),
      updatedAt: z.string(),
      by: z.string(),
      cursor: z.string().nullable(),
      error: z.string().nullable(),
      leaseUntil: instant,
      failures: z.int(),
    }),
    owner: workspaceOwned,
    keep: {
      forMs: 90 * dayMs,
      since: ({ state, updatedAt }) =>
        state === 'queued' || state === 'running' ? null : Date.parse(updatedAt),
    },
  }),
  /** Id `<workspace>/<number>`. */
  audit: define<AuditRow>({
    body: z.strictObject({
      seq: z.int(),
      at: z.string(),
      by: z.string(),
      action: z.string(),
      subject: z.string().nullable(),
      before: z.unknown(),
      after: z.unknown(),
      ip: z.string().nullable(),
      prev: z.string(),
      hash: z.string(),
    }),
    owner: workspaceOwned,
    keep: 'forever',
  }),
  /** Id `<workspace>/<version>`. A version of an older release knows fewer fields. */
  playbook: define<StoredPlaybook>({
    body: z.strictObject({
      playbook: z.custom<PlaybookInput>((value) => typeof value === 'object' && value !== null),
      at: z.string(),
      by: z.string(),
      note: z.string(),
    }),
    owner: workspaceOwned,
    keep: 'forever',
  }),
  /** Answers hold personal data, so they are encrypted and kept for a day only. */
  idempotency: define<KeptAnswer>({
    body: z.strictObject({ fingerprint: z.string(), at: instant, answer: z.string().nullable() }),
    owner: { of: 'trialist-soon' },
    keep: { forMs: keepAnswersMs, since: ({ at }) => at },
  }),
}
