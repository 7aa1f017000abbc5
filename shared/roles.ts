/**
 * Each may do what those before it may.
 * - `analyst`: metrics, nothing about a person. - `rep`: sees trialists, extends, pauses.
 * - `admin`: also playbook, keys, erasure; a secret key is one. - `owner`: also accounts.
 */
export const roles = ['analyst', 'rep', 'admin', 'owner'] as const
export type Role = (typeof roles)[number]

/** Whether `role` may do what `least` may. */
export const isAtLeast = (role: Role, least: Role): boolean => roles.indexOf(role) >= roles.indexOf(least)
