/**
 * From what a commit has written to what the window asks for again: every query declares the tables that it
 * reads (see service.ts), and one that reads a changed table may have another answer now.
 */
import type { Table } from '../store/index.ts'
import { readsOf } from './service.ts'

/** Returns the queries, as `noun.name`, that read any of the tables. */
export function queriesReading(
  services: Readonly<Record<string, object>>,
): (tables: ReadonlySet<string>) => string[] {
  const queries = Object.entries(services).flatMap(([noun, service]) =>
    Object.entries(service).map(([name, procedure]) => ({
      path: `${noun}.${name}`,
      reads: readsOf(procedure),
    })),
  )
  const readsAny = (reads: readonly Table[], tables: ReadonlySet<string>): boolean =>
    reads.some((table) => tables.has(table))
  return (tables) => queries.filter(({ reads }) => readsAny(reads, tables)).map(({ path }) => path)
}
