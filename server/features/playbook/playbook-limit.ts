/** Most bytes of a playbook that is sent to us. */
export const playbookLimit = 1024 * 1024
