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
      return {
        working: captions.workingLanguage(),
        languages: captions
          .languages()
          .map(({ language, captions: n }) => ({ language, name: languageName(language), captions: n })),
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
