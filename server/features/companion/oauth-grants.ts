import { createHash } from 'node:crypto'
import { dayMs, minuteMs, secondMs } from '../../../shared/clock.ts'
import type { Clock, Ids } from '../../ports.ts'
import type { OauthCode, OauthFamily } from '../../storage/documents/team.ts'
import { eachDocument } from '../../storage/each.ts'
import type { Storage } from '../../storage/port.ts'

/**
 * Grants of the Gmail companion: a one-time code (RFC 6749 §4.1, PKCE S256 of RFC 7636), a short access token and a
 * refresh token that is replaced at each use. A refresh token that comes twice was stolen: its whole family ends
 * (RFC 9700 §4.14.2). Only digests are stored.
 */
export interface OauthGrants {
  /** @returns the code for the redirect; good for a minute, once. */
  issueCode(request: { accountId: string; redirectUri: string; challenge: string }): Promise<string>
  redeemCode(request: { code: string; redirectUri: string; verifier: string }): Promise<TokenPair | null>
  refresh(token: string): Promise<TokenPair | null>
  accountOf(accessToken: string): Promise<string | null>
  /** Ends the family of any of its tokens; unknown ones are fine (RFC 7009 §2.2). */
  revoke(token: string): Promise<void>
  /** Ends all there is of this account. */
  endAll(accountId: string): Promise<void>
}

export interface TokenPair {
  readonly accountId: string
  readonly access: string
  readonly refresh: string
  readonly expiresInSeconds: number
}

const codeMs = 60 * secondMs
const accessMs = 15 * minuteMs
const refreshMs = 30 * dayMs
const accessTokenPrefix = 'tpa_'

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')
const familyOfCode = (codeId: string): string => digest(`${codeId}family`).slice(0, 22)
/** `<prefix><family>.<secret>`: the family is found without an index. */
const familyOf = (token: string): string => token.slice(accessTokenPrefix.length).split('.', 1)[0] ?? ''

export function createOauthGrants({
  storage: { documents },
  clock,
  ids,
}: {
  storage: Storage
  clock: Clock
  ids: Ids
}): OauthGrants {
  async function issue(familyId: string, accountId: string, version: number): Promise<TokenPair | null> {
    const now = clock.now()
    const access = `${accessTokenPrefix}${familyId}.${ids.secret()}`
    const refresh = `tpr_${familyId}.${ids.secret()}`
    const family: OauthFamily = {
      accountId,
      access: digest(access),
      refresh: digest(refresh),
      accessUntil: now + accessMs,
      refreshUntil: now + refreshMs,
    }
    const stored = await documents.put('oauth-family', familyId, family, version)
    return stored === null ? null : { accountId, access, refresh, expiresInSeconds: accessMs / secondMs }
  }

  return {
    async issueCode({ accountId, redirectUri, challenge }) {
      const code = ids.secret()
      const body: OauthCode = {
        accountId,
        redirectUri,
        challenge,
        expiresAt: clock.now() + codeMs,
        used: false,
      }
      await documents.put('oauth-code', digest(code), body, 0)
      return code
    },

    async redeemCode({ code, redirectUri, verifier }) {
      const id = digest(code)
      const found = await documents.get('oauth-code', id)
      if (!found) return null
      // Anyone who comes second, one of the two has stolen it: what the first got ends too (RFC 6749 §10.5).
      if (found.body.used) await documents.delete('oauth-family', familyOfCode(id))
      if (found.body.used || found.body.expiresAt < clock.now()) return null
      // Used up by the attempt itself: a wrong verifier gets no second guess.
      if ((await documents.put('oauth-code', id, { ...found.body, used: true }, found.version)) === null) {
        await documents.delete('oauth-family', familyOfCode(id))
        return null
      }
      const { challenge, accountId } = found.body
      if (found.body.redirectUri !== redirectUri || digest(verifier) !== challenge) return null
      return issue(familyOfCode(id), accountId, 0)
    },

    async refresh(token) {
      const familyId = familyOf(token)
      const found = await documents.get('oauth-family', familyId)
      if (!found || found.body.refreshUntil < clock.now()) return null
      if (found.body.refresh !== digest(token)) {
        await documents.delete('oauth-family', familyId)
        return null
      }
      return issue(familyId, found.body.accountId, found.version)
    },

    async accountOf(token) {
      const found = await documents.get('oauth-family', familyOf(token))
      if (!found || found.body.accessUntil < clock.now() || found.body.access !== digest(token)) return null
      return found.body.accountId
    },

    async revoke(token) {
      const familyId = familyOf(token)
      const found = await documents.get('oauth-family', familyId)
      const mark = digest(token)
      if (found && (found.body.access === mark || found.body.refresh === mark))
        await documents.delete('oauth-family', familyId)
    },

    async endAll(accountId) {
      for (const kind of ['oauth-code', 'oauth-family'] as const)
        for await (const { id, body } of eachDocument(documents, kind))
          if (body.accountId === accountId) await documents.delete(kind, id)
    },
  }
}
