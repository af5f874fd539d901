/** The languages that captions are in, and the one that the project works in. */
import { count } from '../../common/text.ts'
import { languageName, languageOf } from '../../formats/captions/languages.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'

export function createLanguages(workspace: Workspace) {
  return {
    languages: reads(['caption', 'clip'], () => {
      const { captions } = workspace.project().store
      const working = captions.workingLanguage()
      const there = captions.languages()
      // Where its last caption was removed, people are to see what the project works in, and choose another.
      const isBare = working !== null && there.every(({ language }) => language !== working)
      const all = isBare ? [...there, { language: working, captions: 0 }] : there
      return {
        working,
        languages: all.map(({ language, captions: n }) => ({
          language,
          name: languageName(language),
          captions: n,
        })),
      }
    }),

    /** None where it is that already. Throws BAD_INPUT for a language that no caption is in. */
    useLanguage({ language: asWritten }, { who }) {
      workspace.edit(who, ({ captions }, make) => {
        const language = asWritten === null ? null : languageOf(asWritten)
        if (language === captions.workingLanguage()) {
          return
        }
        const there = captions.languages()
        if (language !== null && there.every((each) => each.language !== language)) {
          throw failures.languageUnknown({
            language: languageName(language),
            languages: there
              .map((each) => `${languageName(each.language)} (${count(each.captions, 'caption')})`)
              .join(', '),
          })
        }
        make(language === null ? 'work in all languages' : `work in ${languageName(language)}`, [
          { kind: 'working.language', language },
        ])
      })
    },
  } satisfies Partial<Service<'corpus'>>
}
