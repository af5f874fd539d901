import type { Database } from 'better-sqlite3'
import first from './migrations/001.sql?raw'
import second from './migrations/002.sql?raw'
import third from './migrations/003.sql?raw'
import fourth from './migrations/004.sql?raw'
import fifth from './migrations/005.sql?raw'
import sixth from './migrations/006.sql?raw'
import seventh from './migrations/007.sql?raw'
import eighth from './migrations/008.sql?raw'
import ninth from './migrations/009.sql?raw'
import tenth from './migrations/010.sql?raw'
import eleventh from './migrations/011.sql?raw'
import twelfth from './migrations/012.sql?raw'
import thirteenth from './migrations/013.sql?raw'
import fourteenth from './migrations/014.sql?raw'
import fifteenth from './migrations/015.sql?raw'
import sixteenth from './migrations/016.sql?raw'
import seventeenth from './migrations/017.sql?raw'
import nineteenth from './migrations/019.sql?raw'
import twentieth from './migrations/020.sql?raw'
import twentyFirst from './migrations/021.sql?raw'
import twentySecond from './migrations/022.sql?raw'
import twentyThird from './migrations/023.sql?raw'

/**
 * The migrations in order; migration i leads from `user_version` i to i + 1. Released ones are never edited.
 */
export const MIGRATIONS: readonly string[] = [
  first,
  second,
  third,
  fourth,
  fifth,
  sixth,
  seventh,
  eighth,
  ninth,
  tenth,
  eleventh,
  twelfth,
  thirteenth,
  fourteenth,
  fifteenth,
  sixteenth,
  seventeenth,
  nineteenth,
  twentieth,
  twentyFirst,
  twentySecond,
  twentyThird,
]

/** Marks a database file as a Vitrine project: "Vtrn" in ASCII. */
export const APPLICATION_ID = 0x5674726e

export const userVersion = (db: Database): number => db.pragma('user_version', { simple: true }) as number

/**
 * Brings the database to the newest version, or leaves it as it was. `backUp` is called first when there is
 * something to lose. Foreign keys are off meanwhile (a pragma that only works outside a transaction), because
 * a migration may have to rebuild a table that others refer to; they are checked before the commit. Source of
 * the procedure: https://sqlite.org/lang_altertable.html, section 7.
 */
export function migrate(db: Database, backUp: () => void, migrations: readonly string[] = MIGRATIONS): void {
  const from = userVersion(db)
  if (from >= migrations.length) {
    return
  }
  if (from > 0) {
    backUp()
  }
  db.pragma('foreign_keys = OFF')
  try {
    db.transaction(() => {
      // Read again: another process may have migrated while this one waited for the lock.
      for (const migration of migrations.slice(userVersion(db))) {
        db.exec(migration)
      }
      const violations = db.pragma('foreign_key_check') as { table: string }[]
      if (violations.length > 0) {
        throw new Error(
          `the migration to version ${migrations.length} breaks references of ${violations[0]!.table}`,
        )
      }
      db.pragma(`application_id = ${APPLICATION_ID}`)
      db.pragma(`user_version = ${migrations.length}`)
    }).exclusive()
  } finally {
    db.pragma('foreign_keys = ON')
  }
}

/** The schema as SQL text, in the order of creation; search index internals are left out. */
export function schemaOf(db: Database): string {
  const rows = db
    .prepare<[], { sql: string }>(
      `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'clip_search_%' AND name NOT LIKE 'sqlite_%' ORDER BY rowid`,
    )
    .all()
  return rows.map(({ sql }) => `${sql};\n`).join('\n')
}
