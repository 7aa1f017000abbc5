/**
 * Texts that stand where an id should: what code without a signed-in user hands over as `String(user?.id)`,
 * `` `${user}` `` and the like. Taken for an id, they would make one person of all who are signed out.
 */
export const isPlaceholderId = (id: string): boolean =>
  /^(undefined|null|nil|none|nan|true|false|\[object .*|)$/i.test(id.trim())
