/** The values of rows by their keys: keys as they first appear, the values of each in the order of the rows. */
export function grouped<Row, Key, Value>(
  rows: Iterable<Row>,
  keyOf: (row: Row) => Key,
  valueOf: (row: Row) => Value,
): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>()
  for (const row of rows) {
    const key = keyOf(row)
    const group = groups.get(key)
    if (group === undefined) {
      groups.set(key, [valueOf(row)])
    } else {
      group.push(valueOf(row))
    }
  }
  return groups
}
