import type Database from 'libsql'
import type { Person } from '../../domain/trial/model.ts'
import { companyKeysOf } from '../company-keys.ts'
import { SchemaTooNew } from '../schema-version.ts'
import { fillSearch, searchTables, searchTriggers } from './search-index.ts'
import { trialCounts } from './trial-counts.ts'

/** `mailboxKey` of shared/mailbox.ts in SQL; addresses are stored in lower case. A query must use these very words. */
const localPart = "substr(email, 1, instr(email, '@') - 1)"
const untagged = `CASE WHEN instr(${localPart}, '+') > 1 THEN substr(email, 1, instr(email, '+') - 1) ELSE ${localPart} END`
export const mailboxOfEmail = `CASE WHEN substr(email, instr(email, '@')) IN ('@gmail.com', '@googlemail.com')
  THEN replace(${untagged}, '.', '') || '@gmail.com' ELSE (${untagged}) || substr(email, instr(email, '@')) END`

/** What each trial says of its company, for those saved before it was kept. */
function fillCompanyKeys(db: Database.Database): void {
  const page = db.prepare(
    "SELECT id, json_extract(body, '$.person') AS person FROM trials WHERE id > ? ORDER BY id LIMIT 1000",
  )
  const set = db.prepare('UPDATE trials SET domain = ?, company = ? WHERE id = ?')
  for (let after = ''; ; ) {
    const rows = page.all(after) as { id: string; person: string }[]
    for (const { id, person } of rows) {
      const { domain, company } = companyKeysOf(JSON.parse(person) as Person)
      if (domain !== null || company !== null) set.run(domain, company, id)
    }
    const last = rows.at(-1)
    if (!last) return
    after = last.id
  }
}

/** Says in words how far a long step has come. */
export type Progress = (words: string) => void

type Step = string | ((db: Database.Database, progress: Progress) => void)

/** Step i leads from version i to i + 1. A published step is never changed; new ones are added at the end. */
export const migrations: readonly Step[] = [
  `
  CREATE TABLE event_keys (
    key TEXT PRIMARY KEY,
    record INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE event_records (
    id INTEGER PRIMARY KEY,
    received_at INTEGER NOT NULL,
    body TEXT NOT NULL
  );
  CREATE INDEX event_records_received ON event_records (received_at);

  CREATE TABLE trials (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    next_at INTEGER,
    last_seen_at INTEGER NOT NULL,
    last_seen_hour INTEGER NOT NULL,
    segment TEXT NOT NULL,
    pace TEXT NOT NULL,
    status TEXT NOT NULL,
    email TEXT,
    ends_at INTEGER NOT NULL,
    score REAL NOT NULL,
    created_at INTEGER NOT NULL,
    search TEXT NOT NULL,
    body TEXT NOT NULL
  );
  CREATE INDEX trials_due ON trials (next_at) WHERE next_at IS NOT NULL;
  CREATE INDEX trials_segment ON trials (workspace_id, segment, status);
  CREATE INDEX trials_email ON trials (workspace_id, email) WHERE email IS NOT NULL;
  CREATE INDEX trials_ends ON trials (workspace_id, ends_at, id);
  CREATE INDEX trials_score ON trials (workspace_id, score, id);
  CREATE INDEX trials_created ON trials (workspace_id, created_at, id);
  CREATE INDEX trials_seen ON trials (workspace_id, last_seen_hour);

  -- Apart from the trials, so that taking and giving back a lease rewrites no trial. AUTOINCREMENT never hands out
  -- a fence twice.
  CREATE TABLE leases (
    fence INTEGER PRIMARY KEY AUTOINCREMENT,
    trial_id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    taken_at INTEGER NOT NULL,
    lease_ms INTEGER NOT NULL
  );

  CREATE TABLE documents (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, id)
  );
  `,
  `
  CREATE INDEX trials_mailbox ON trials (workspace_id, ${mailboxOfEmail}) WHERE email IS NOT NULL;
  `,
  (db) => {
    db.exec('ALTER TABLE trials ADD COLUMN domain TEXT; ALTER TABLE trials ADD COLUMN company TEXT')
    fillCompanyKeys(db)
    for (const key of ['domain', 'company'])
      db.exec(
        `CREATE INDEX trials_${key} ON trials (workspace_id, ${key}, created_at, id) WHERE ${key} IS NOT NULL`,
      )
  },
  (db, progress) => {
    progress('widening the indexes of trials')
    // What lists are filtered by is read with the order, not from each trial.
    const sorted = {
      ends: 'ends_at, id',
      score: 'score, id',
      created: 'created_at, id',
      seen: 'last_seen_hour',
    }
    for (const [name, keys] of Object.entries(sorted))
      db.exec(`
        DROP INDEX trials_${name};
        CREATE INDEX trials_${name} ON trials (workspace_id, ${keys}, status, segment, pace)`)
    db.exec(searchTables)
    fillSearch(db, (done, all) => progress(`indexing trials for the search: ${done} of ${all}`))
    db.exec(searchTriggers)
  },
  // The former keys are moved later, see former-keys.ts. A process that is older finds no table of theirs, rather
  // than count what it cannot see.
  `
  ALTER TABLE event_keys RENAME TO former_event_keys;
  CREATE TABLE former_records (moved INTEGER NOT NULL, last INTEGER NOT NULL);
  INSERT INTO former_records SELECT 0, coalesce(max(id), 0) FROM event_records;

  CREATE TABLE event_subjects (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  );
  CREATE TABLE dedupe_keys (
    key TEXT PRIMARY KEY,
    record INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE subject_records (
    subject INTEGER NOT NULL,
    record INTEGER NOT NULL,
    PRIMARY KEY (subject, record)
  ) WITHOUT ROWID;
  `,
  // See stored-trial.ts.
  'ALTER TABLE trials ADD COLUMN usage TEXT',
  (db, progress) => {
    progress('counting trials')
    db.exec(trialCounts)
  },
  `
  -- Addresses of the people of a company, whose trial has none of its own.
  CREATE TABLE IF NOT EXISTS trial_emails (
    trial_id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    email TEXT NOT NULL,
    PRIMARY KEY (trial_id, email)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS trial_emails_email ON trial_emails (workspace_id, email);
  CREATE INDEX IF NOT EXISTS trial_emails_mailbox ON trial_emails (workspace_id, ${mailboxOfEmail});
  CREATE TRIGGER IF NOT EXISTS trial_emails_delete AFTER DELETE ON trials BEGIN
    DELETE FROM trial_emails WHERE trial_id = old.id;
  END;
  `,
]

/**
 * Brings the file to the newest schema. The write lock is taken before the version is read, so of several processes
 * that start at once one migrates and the others find it done.
 * @throws SchemaTooNew
 */
export function migrate(db: Database.Database, file: string, progress: Progress): void {
  db.exec('BEGIN IMMEDIATE')
  try {
    const { user_version: stored } = db.prepare('PRAGMA user_version').get() as { user_version: number }
    if (stored > migrations.length) throw new SchemaTooNew(file, stored, migrations.length)
    for (const step of migrations.slice(stored)) {
      if (typeof step === 'string') db.exec(step)
      else step(db, progress)
    }
    if (stored < migrations.length) db.exec(`PRAGMA user_version = ${migrations.length}`)
    db.exec('COMMIT')
  } catch (error) {
    db.exec('ROLLBACK')
    throw error
  }
}
