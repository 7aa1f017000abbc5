/** Drops members that are absent, which the compiler tells apart from undefined ones. */
export const definedOnly = <T extends object>(value: T): DefinedOnly<T> =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as DefinedOnly<T>

type DefinedOnly<T> = { [Key in keyof T]: Exclude<T[Key], undefined> }
