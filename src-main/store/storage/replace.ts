/** Puts another database in the place of a damaged one, which is kept with its log. */
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from './rows.ts'
import { flushFolderNow, flushNow } from './flush.ts'

export const DATABASE = 'project.sqlite'
/** What the folders begin with that damaged databases are kept in, and rows that a repair took out. */
export const DAMAGED = 'damaged-'

/**
 * Keeps the project's database, with its log, in a new folder `damaged-TIME` of the project, and renames
 * `replacement` to it; all of it is on the disk when this returns. Nobody may have the project open. Returns the new
 * folder's path.
 */
export function replaceDatabase(folder: string, replacement: string): string {
  const keptIn = makeDamagedFolder(folder)
  const names = ['', '-wal', '-shm']
    .map((end) => `${DATABASE}${end}`)
    .filter((name) => existsSync(join(folder, name)))
  for (const name of names) {
    copyFileSync(join(folder, name), join(keptIn, name))
    flushNow(join(keptIn, name))
  }
  flushFolderNow(keptIn)
  flushNow(replacement)
  // The log of the damaged file must not be taken for one of the new.
  for (const name of names.filter((other) => other !== DATABASE)) {
    rmSync(join(folder, name))
  }
  renameSync(replacement, join(folder, DATABASE))
  flushFolderNow(folder)
  return keptIn
}

/** A new folder of the project for what could not stay in its database. Returns its path. */
export function makeDamagedFolder(folder: string): string {
  const base = join(folder, `${DAMAGED}${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}`)
  for (let number = 1; ; number++) {
    const path = number === 1 ? base : `${base}-${number}`
    if (!existsSync(path)) {
      mkdirSync(path)
      return path
    }
  }
}

/** A row that could not be kept. */
export interface LostRow {
  table: string
  row: Row
}

/** Writes down the rows that could not be kept. */
export function writeLost(keptIn: string, lost: readonly LostRow[]): void {
  if (lost.length === 0) {
    return
  }
  const file = join(keptIn, 'lost-rows.jsonl')
  writeFileSync(file, lost.map((row) => `${JSON.stringify(row, asText)}\n`).join(''))
  flushNow(file)
}

const asText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)
