import type Database from 'libsql'

/**
 * Which trials may hold a text, by its trigrams: `trials_search` keeps no text, positions or sizes, so that what it finds
 * has to be verified in the trial. Deleted entries are removed at once (secure-delete), which takes their text and costs
 * milliseconds. So a text that changes gets another number, and the entry of the one before stays until the person is
 * erased: a few of them, found in vain.
 *
 * The numbers are in a table of their own: those that SQLite gives rows without an integer key change with VACUUM.
 */
export const searchTables = `
  CREATE TABLE search_rows (
    number INTEGER PRIMARY KEY,
    trial_id TEXT NOT NULL,
    text TEXT -- of before; null: the text that the trial has
  );
  CREATE INDEX search_rows_trial ON search_rows (trial_id);
  CREATE VIRTUAL TABLE trials_search USING fts5(
    search, content = '', detail = 'none', columnsize = 0, tokenize = 'trigram case_sensitive 1'
  );
  INSERT INTO trials_search (trials_search, rank) VALUES ('secure-delete', 1);
`

/** Kept of one trial; whoever changes a name again and again shall not fill the file. */
const maxEarlierTexts = 8

const add = `
  INSERT INTO search_rows (trial_id) VALUES (new.id);
  INSERT INTO trials_search (rowid, search)
    SELECT number, new.search FROM search_rows WHERE trial_id = new.id AND text IS NULL;`
const remove = (rows: string) => `
  INSERT INTO trials_search (trials_search, rowid, search)
    SELECT 'delete', number, coalesce(text, old.search) FROM search_rows WHERE ${rows};
  DELETE FROM search_rows WHERE ${rows};`
const tooEarly = `number IN (
    SELECT number FROM search_rows WHERE trial_id = old.id AND text IS NOT NULL
    ORDER BY number DESC LIMIT -1 OFFSET ${maxEarlierTexts})`

export const searchTriggers = `
  CREATE TRIGGER trials_search_insert AFTER INSERT ON trials WHEN new.search <> '' BEGIN ${add} END;
  CREATE TRIGGER trials_search_update AFTER UPDATE OF search ON trials WHEN new.search <> old.search BEGIN
    UPDATE search_rows SET text = old.search WHERE trial_id = old.id AND text IS NULL;
    ${add} ${remove(tooEarly)}
  END;
  CREATE TRIGGER trials_search_delete AFTER DELETE ON trials BEGIN ${remove('trial_id = old.id')} END;
`

const rowsPerStep = 20_000

/** Of the trials that are there. @param progress how many of how many */
export function fillSearch(db: Database.Database, progress: (done: number, all: number) => void): void {
  db.exec("INSERT INTO search_rows (trial_id) SELECT id FROM trials WHERE search <> '' ORDER BY rowid")
  const { all } = db.prepare('SELECT coalesce(max(number), 0) AS "all" FROM search_rows').get() as {
    all: number
  }
  const fill = db.prepare(`
    INSERT INTO trials_search (rowid, search) SELECT number, search
    FROM search_rows CROSS JOIN trials ON trials.id = trial_id WHERE number > ? AND number <= ?`)
  for (let done = 0; done < all; done += rowsPerStep) {
    fill.run(done, done + rowsPerStep)
    progress(Math.min(done + rowsPerStep, all), all)
  }
}

const lettersOfTrigram = 3
/** More of them find hardly fewer trials. */
const maxTrigrams = 24

/** What to ask `trials_search` for; null for a term too short to have a trigram. */
export function trigramsOf(term: string): string | null {
  const letters = [...term]
  const last = letters.length - lettersOfTrigram
  if (last < 0) return null
  const step = Math.max(1, (last + 1) / maxTrigrams)
  const starts = new Set<number>([last])
  for (let at = 0; at < last; at += step) starts.add(Math.floor(at))
  const trigrams = [...starts].map((at) => letters.slice(at, at + lettersOfTrigram).join(''))
  return [...new Set(trigrams)].map((trigram) => `"${trigram.replaceAll('"', '""')}"`).join(' AND ')
}
