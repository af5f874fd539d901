/** What a life says, a line of JSON each; and what must be there of it afterwards. */

/** The model that edits are made of: it is there from the start. */
export const MODEL = 1

export type Line =
  | { ready: true }
  /** The engine's process. */
  | { engine: number }
  /** A job begins. */
  | { job: string }
  /** `key` is to have this value, or has it now. */
  | { key: string; value: string; made: boolean }
  /** An export of this kind is there. */
  | { exported: string; files: { name: string; bytes: number }[] }
  /**
   * Bytes that the main process holds, those of them in JavaScript's heap, and the longest that it did nothing
   * else in the last second, in milliseconds.
   */
  | { memory: number; heap: number; longestSilence: number }
  /** Something that must not happen. */
  | { fault: string }

export interface Journal {
  add(line: Line): void
  /** The values that each key may have: the last one that was made, or one that was begun since. */
  allowed(): ReadonlyMap<string, readonly (string | null)[]>
  /** How many changes were said to be made. */
  acknowledged(): number
}

export function createJournal(): Journal {
  const allowed = new Map<string, (string | null)[]>()
  let acknowledged = 0
  return {
    add(line) {
      if (!('key' in line)) {
        return
      }
      const values = allowed.get(line.key) ?? [null]
      if (line.made) {
        acknowledged++
        allowed.set(line.key, [line.value])
      } else {
        allowed.set(line.key, [...values, line.value])
      }
    },
    allowed: () => allowed,
    acknowledged: () => acknowledged,
  }
}
