/** The languages that an import brings, and the one that the project works in then. */
import { mostFirst } from '../../../formats/captions/languages.ts'
import type { Findings, Planning, Subject } from './subjects.ts'

/**
 * Counts the languages of what is added or comes back. Returns the language that the project is to work in from
 * then on: where it has captions in several for the first time, that of those it has, else that of most; null:
 * as before.
 */
export async function noteLanguages(
  { project: { store }, breathe }: Planning,
  subjects: readonly Subject[],
  findings: Findings,
): Promise<string | null> {
  const counts = new Map<string, number>()
  for (const { added, returning } of subjects) {
    for (const { language } of [...added.map(({ origin }) => origin), ...returning]) {
      if (language !== null) {
        counts.set(language, (counts.get(language) ?? 0) + 1)
      }
    }
    await breathe()
  }
  const working = store.captions.workingLanguage()
  const chosen = working === null ? firstChoice(store.captions.languages(), counts) : null
  Object.assign(findings, { languages: counts, working: chosen ?? working })
  return chosen
}

function firstChoice(
  known: readonly { language: string }[],
  added: ReadonlyMap<string, number>,
): string | null {
  const [before, another] = known
  const languages = new Set([...known.map(({ language }) => language), ...added.keys()])
  // Who has several and works in none wants all.
  if (languages.size < 2 || another !== undefined) {
    return null
  }
  return before?.language ?? mostFirst(added)[0] ?? null
}
