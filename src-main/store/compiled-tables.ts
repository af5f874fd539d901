/**
 * Which tables a statement reads and writes, from what SQLite compiled it to. Every table and index that a
 * statement touches is opened by its root page, in the programs of foreign keys and triggers too; so cascades
 * are seen, and no text is searched. Virtual tables (the full-text index) have no root page: they are left
 * out, for they follow the tables that they index. https://www.sqlite.org/opcode.html
 */
import type { Database } from 'better-sqlite3'

interface CompiledTables {
  read: ReadonlySet<string>
  written: ReadonlySet<string>
}

interface Instruction {
  opcode: string
  p1: number
  p2: number
  p3: number
}

/** The database's own file among those that a connection has attached. */
const MAIN = 0

/** `values` are some that the statement could be run with. */
export function compiledTables(db: Database, text: string, values: readonly unknown[]): CompiledTables {
  const tables = tablesByRootPage(db)
  const read = new Set<string>()
  const written = new Set<string>()
  for (const { opcode, p1, p2, p3 } of db.prepare<unknown[], Instruction>(`EXPLAIN ${text}`).all(...values)) {
    switch (opcode) {
      case 'OpenRead':
      case 'ReopenIdx':
        if (p3 === MAIN) {
          add(read, tables.get(p2))
        }
        break
      case 'OpenWrite':
        if (p3 === MAIN) {
          add(written, tables.get(p2))
        }
        break
      // DELETE without WHERE empties the pages at once.
      case 'Clear':
        if (p2 === MAIN) {
          add(written, tables.get(p1))
        }
        break
    }
  }
  return { read, written }
}

function tablesByRootPage(db: Database): ReadonlyMap<number, string> {
  const rows = db
    .prepare<[], { rootpage: number; tbl_name: string }>('SELECT rootpage, tbl_name FROM sqlite_schema')
    .all()
  return new Map(rows.map(({ rootpage, tbl_name }) => [rootpage, tbl_name]))
}

function add(tables: Set<string>, table: string | undefined): void {
  if (table !== undefined) {
    tables.add(table)
  }
}
