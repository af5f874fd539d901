export interface DiffWord {
  word: string
  change: 'same' | 'added' | 'removed'
}

/** The words of two captions along their longest common subsequence: what stayed, what went, what came. */
export function diffWords(before: string, after: string): DiffWord[] {
  const a = before.split(/\s+/).filter(Boolean)
  const b = after.split(/\s+/).filter(Boolean)
  // length[i][j]: of the longest common subsequence of a[i..] and b[j..]
  const length = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0))
  const lengthAt = (i: number, j: number): number => length[i]?.[j] ?? 0
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const row = length[i]
      if (row !== undefined) {
        row[j] = a[i] === b[j] ? lengthAt(i + 1, j + 1) + 1 : Math.max(lengthAt(i + 1, j), lengthAt(i, j + 1))
      }
    }
  }
  const out: DiffWord[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]]
    if (left !== undefined && left === right) {
      out.push({ word: left, change: 'same' })
      i++
      j++
    } else if (left !== undefined && (right === undefined || lengthAt(i + 1, j) >= lengthAt(i, j + 1))) {
      out.push({ word: left, change: 'removed' })
      i++
    } else if (right !== undefined) {
      out.push({ word: right, change: 'added' })
      j++
    }
  }
  return out
}
