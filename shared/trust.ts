/**
 * How far a browser is believed that says who its user is.
 * - `required`: an event that names a user without a valid token counts for the browser’s visitor alone.
 * - `trusting`: it counts for the user it names, apart from what is proven. Anyone can send such an event.
 */
export const identityModes = ['required', 'trusting'] as const
export type IdentityMode = (typeof identityModes)[number]

/**
 * What a secret key may do. - `full`: all an admin may. - `events`: send events, nothing else. - `read`: GET what a
 * rep sees. - `inbound`: hand over received email.
 */
export const keyScopes = ['full', 'events', 'read', 'inbound'] as const
export type KeyScope = (typeof keyScopes)[number]
