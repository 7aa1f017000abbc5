/** Where the emails of a workspace go: to people, all to one test address, or nowhere. */
export const sendingModes = ['normal', 'test', 'never'] as const
export type SendingMode = (typeof sendingModes)[number]

/** What a workspace should have before its first email leaves, in the order in which to mend it. */
export const releaseGaps = [
  'productName',
  'productUrl',
  'postalAddress',
  'senderName',
  'mailServer',
  'publicUrl',
  'privateUrl',
  'milestones',
] as const
export type ReleaseGap = (typeof releaseGaps)[number]
