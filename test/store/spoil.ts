/** Damages pages of a project's database. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'

/** Bytes of a page. */
export const PAGE = 4096

/** The numbers of a table's pages, leaves or others. */
export function pagesOf(folder: string, table: string, type: 'leaf' | 'internal'): number[] {
  const db = new Sqlite(join(folder, 'project.sqlite'), { readonly: true })
  const pages = db
    .prepare<[string, string], number>(
      'SELECT pageno FROM dbstat WHERE name = ? AND pagetype = ? ORDER BY path',
    )
    .pluck()
    .all(table, type)
  db.close()
  return pages
}

/** Overwrites a part of a page with noise. */
export function spoil(folder: string, page: number, from = 0, to = PAGE): void {
  const file = join(folder, 'project.sqlite')
  const bytes = readFileSync(file)
  for (let i = from; i < to; i++) {
    bytes[(page - 1) * PAGE + i] = (i * 197 + 13) % 256
  }
  writeFileSync(file, bytes)
}
