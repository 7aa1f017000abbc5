/** The embedded database within the data directory. */
export const databaseFile = 'trialpace.db'
