/** Which lines of a caption file a clip has already. */
import type { ImportedCaption, KnownCaption } from '../../../store/index.ts'

export interface MatchedLines {
  /** Lines that the clip has not, in their order. */
  added: readonly ImportedCaption[]
  /** Captions that come back: they are those lines, and the import that they came by was undone. */
  returning: KnownCaption[]
  /** Captions that the clip has. */
  kept: KnownCaption[]
}

/**
 * A line is a caption that was imported so, or failing that, one that reads so now; each is one of them, so
 * that a clip has a line as often as the file does, and never less often than before.
 */
export function matchLines(lines: readonly ImportedCaption[], known: readonly KnownCaption[]): MatchedLines {
  if (known.length === 0) {
    return { added: lines, returning: [], kept: [] }
  }
  const there = known.filter(({ undone }) => !undone)
  const imported = takeMatches(lines, there, ({ importedText }) => importedText)
  const taken = new Set(imported.taken)
  const left = there.filter((caption) => !taken.has(caption))
  const edited = takeMatches(imported.left, left, ({ text }) => text)
  const undone = known.filter((caption) => caption.undone)
  const returning = takeMatches(edited.left, undone, ({ importedText }) => importedText)
  return { added: returning.left, returning: returning.taken, kept: [...imported.taken, ...edited.taken] }
}

function takeMatches(
  lines: readonly ImportedCaption[],
  captions: readonly KnownCaption[],
  textOf: (caption: KnownCaption) => string,
): { left: ImportedCaption[]; taken: KnownCaption[] } {
  const waiting = Map.groupBy(captions, textOf)
  const left: ImportedCaption[] = []
  const taken: KnownCaption[] = []
  for (const line of lines) {
    const caption = waiting.get(line.text)?.shift()
    if (caption === undefined) {
      left.push(line)
    } else {
      taken.push(caption)
    }
  }
  return { left, taken }
}
