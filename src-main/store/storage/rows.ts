/**
 * Finds a damaged database's rows, table by table: from each table's root page as far as pages can be read, and
 * then on pages that no tree leads to any more, by the shape of their rows (tables are STRICT, so a row of one
 * rarely fits another; where it does, the page counts as lost).
 */
import type { Database } from 'better-sqlite3'
import type { Cell, DatabaseFile, Value } from './pages.ts'

interface Column {
  name: string
  type: string
  required: boolean
  /** Rows that were written before it was added end before it. */
  hasDefault: boolean
}

export interface TableShape {
  name: string
  /** In the order in which a row is stored. */
  columns: Column[]
  /** The column that is the rowid, and stored as such; null: none. */
  rowid: string | null
  hasRowids: boolean
}

/** A row as its table takes it: columns that it does not name have their default. */
export type Row = Record<string, Value>

export interface FoundRows {
  /** Pages that can't be read, or not all of them. */
  damagedPages: number
  rows: number
  /** Rows that are none of this table's, or that it does not take. */
  refused: number
}

/** The tables of a sound, empty database of the same version. */
export function tableShapes(db: Database): TableShape[] {
  const tables = db
    .prepare<[], { name: string; wr: 0 | 1 }>(
      `SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'`,
    )
    .all()
  return tables.map(({ name, wr }) => shapeOf(db, name, wr === 0))
}

interface ColumnInfo {
  name: string
  type: string
  notnull: 0 | 1
  dflt_value: string | null
  pk: number
}

function shapeOf(db: Database, name: string, hasRowids: boolean): TableShape {
  const columns = db.prepare<[string], ColumnInfo>('SELECT * FROM pragma_table_info(?)').all(name)
  const keys = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk)
  const others = columns.filter(({ pk }) => pk === 0)
  const [key] = keys
  return {
    name,
    hasRowids,
    rowid: hasRowids && keys.length === 1 && key?.type === 'INTEGER' ? key.name : null,
    columns: (hasRowids ? columns : [...keys, ...others]).map((column) => ({
      name: column.name,
      type: column.type,
      required: column.notnull === 1,
      hasDefault: column.dflt_value !== null || column.notnull === 0,
    })),
  }
}

/** What `sqlite_schema` says: the root pages of tables and of indexes, by name. */
export interface Roots {
  tables: Map<string, number>
  indexes: Map<string, number>
}

/** What can be read of the schema in a damaged file. */
export function rootsIn(file: DatabaseFile): Roots {
  const roots: Roots = { tables: new Map(), indexes: new Map() }
  walk(file, 1, new Set(), ({ values: [type, name, , root] }) => {
    if (typeof name === 'string' && typeof root === 'number' && root > 1) {
      const known = type === 'index' ? roots.indexes : roots.tables
      known.set(name, root)
    }
  })
  return roots
}

/**
 * Hands every cell of the tree below a root to `take`. Pages are added to `visited`; one that was visited is no
 * part of another tree. Returns how many pages can't be read, or not all of them.
 */
function walk(
  file: DatabaseFile,
  root: number,
  visited: Set<number>,
  take: (cell: Cell) => void = () => undefined,
): number {
  let damagedPages = 0
  const waiting = [root]
  let kind: string | null = null
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    const page = visited.has(number) ? null : file.page(number)
    const isOfTree = page !== null && (kind === null || page.kind.startsWith(kind))
    if (!isOfTree) {
      damagedPages++
      continue
    }
    kind = page.kind.startsWith('table') ? 'table' : 'index'
    visited.add(number)
    page.overflow.forEach((overflow) => visited.add(overflow))
    waiting.push(...page.children.reverse())
    page.cells.forEach(take)
    damagedPages += page.broken > 0 ? 1 : 0
  }
  return damagedPages
}

/**
 * Hands every row that can be found to `take`, which says whether the table takes it; `refuse` gets those that
 * belong to a table and are not taken. Returns what became of each table.
 */
export function findRows(
  file: DatabaseFile,
  shapes: readonly TableShape[],
  { tables, indexes }: Roots,
  { take, refuse }: { take(table: TableShape, row: Row): boolean; refuse(table: TableShape, row: Row): void },
): Map<string, FoundRows> {
  const visited = file.freePages()
  const found = new Map<string, FoundRows>()
  const add = (shape: TableShape, cell: Cell, into: FoundRows): void => {
    const row = rowOf(shape, cell)
    if (row !== null && take(shape, row)) {
      into.rows++
    } else {
      into.refused++
      refuse(shape, row ?? unnamed(cell))
    }
  }
  walk(file, 1, visited)
  for (const shape of shapes) {
    const root = tables.get(shape.name)
    const into: FoundRows = { damagedPages: 0, rows: 0, refused: 0 }
    into.damagedPages =
      root === undefined
        ? 1
        : walk(file, root, visited, (cell) => {
            add(shape, cell, into)
          })
    found.set(shape.name, into)
  }
  const known = new Set(shapes.map(({ name }) => name))
  for (const [name, root] of [...tables, ...indexes]) {
    if (!known.has(name)) {
      walk(file, root, visited)
    }
  }
  const damaged = shapes.filter(({ name }) => (found.get(name)?.damagedPages ?? 0) > 0)
  for (const { shape, cells } of strayPages(file, damaged, visited)) {
    const into = found.get(shape.name)!
    cells.forEach((cell) => {
      add(shape, cell, into)
    })
  }
  return found
}

/** Leaf pages that no tree leads to, whose rows fit one damaged table and no other. */
function* strayPages(
  file: DatabaseFile,
  damaged: readonly TableShape[],
  visited: ReadonlySet<number>,
): Generator<{ shape: TableShape; cells: Cell[] }> {
  for (let number = 2; damaged.length > 0 && number <= file.pageCount; number++) {
    const page = visited.has(number) ? null : file.page(number)
    if (page === null || page.cells.length === 0) {
      continue
    }
    const fitting = damaged.filter(
      (shape) =>
        shape.hasRowids === page.kind.startsWith('table') &&
        page.cells.every((cell) => rowOf(shape, cell) !== null),
    )
    const [shape] = fitting
    if (shape !== undefined && fitting.length === 1) {
      yield { shape, cells: page.cells }
    }
  }
}

/** A cell as a row of a table; null where it can't be one. */
function rowOf({ columns, rowid, hasRowids }: TableShape, cell: Cell): Row | null {
  const missing = columns.slice(cell.values.length)
  const isOfKind = hasRowids === (cell.rowid !== null)
  if (!isOfKind || cell.values.length > columns.length || missing.some(({ hasDefault }) => !hasDefault)) {
    return null
  }
  const row: Row = {}
  for (const [i, value] of cell.values.entries()) {
    const column = columns[i]!
    const stored = column.name === rowid ? cell.rowid : value
    if (!fits(column, stored)) {
      return null
    }
    row[column.name] = stored
  }
  return row
}

function fits({ type, required }: Column, value: Value): boolean {
  if (value === null) {
    return !required
  }
  switch (type) {
    case 'TEXT':
      return typeof value === 'string'
    case 'INTEGER':
      return typeof value === 'bigint' || Number.isInteger(value)
    case 'REAL':
      return typeof value === 'number'
    default:
      return true
  }
}

const unnamed = ({ rowid, values }: Cell): Row => ({
  rowid,
  ...Object.fromEntries(values.map((value, i) => [`value ${i + 1}`, value])),
})
