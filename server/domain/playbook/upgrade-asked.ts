/** Counted when someone who cannot buy asks, by a nudge, who can; a rule with this event as its anchor tells them. */
export const upgradeAsked = 'Upgrade Asked'
