import * as z from 'zod'
import { fromJson } from './sql.ts'
import type { Sql } from './sql.ts'
import type { StoredView } from './stored.ts'
import { storedExport, storedTopicRule, storedTopicSweep, storedView } from './stored.ts'

/** The project's settings: each has a schema and what holds before it is set. */
const SETTINGS = {
  /** The key of the features that views and training go by; null: there are none yet. */
  featureSet: z.string().nullable().default(null),
  currentModel: z.number().int().nullable().default(null),
  lastExport: storedExport.nullable().default(null),
  lastTopicSweep: storedTopicSweep.nullable().default(null),
  /** The run whose shares clips have; null: topics were never found. */
  topicRun: z.number().int().nullable().default(null),
  topicRule: storedTopicRule.default(storedTopicRule.parse({})),
  /** Words were edited since clips were given their topics. */
  wordsEdited: z.boolean().default(false),
  /** The name that edits are signed with; null: the account's. */
  who: z.string().nullable().default(null),
  captionsCheckedAt: z.string().nullable().default(null),
  savedViews: z.array(storedView).default([]),
} as const

type SettingKey = keyof typeof SETTINGS
type SettingValue<Key extends SettingKey> = z.output<(typeof SETTINGS)[Key]>

type ViewPlace = Pick<StoredView, 'list' | 'name'>

export type SettingRepository = ReturnType<typeof settingRepository>

export function settingRepository(sql: Sql) {
  const repository = {
    get<Key extends SettingKey>(key: Key): SettingValue<Key> {
      const row = sql.get<{ value: string }>('SELECT value FROM setting WHERE key = ?', key)
      const schema: z.ZodType = SETTINGS[key]
      return (row ? fromJson(schema, row.value) : schema.parse(undefined)) as SettingValue<Key>
    },

    set<Key extends SettingKey>(key: Key, value: SettingValue<Key>): void {
      sql.run(
        'INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)',
        key,
        JSON.stringify(SETTINGS[key].parse(value)),
      )
    },

    /** Puts filters by a name, or (null) takes them away; returns those that were there. */
    setView({ list, name, filter }: ViewPlace & { filter: StoredView['filter'] | null }) {
      const isIt = (view: ViewPlace): boolean => view.list === list && view.name === name
      const views = repository.get('savedViews')
      const others = views.filter((view) => !isIt(view))
      repository.set(
        'savedViews',
        filter === null ? others : [...others, { list, name, filter }].sort(byPlace),
      )
      return views.find(isIt)?.filter ?? null
    },
  }
  return repository
}

const byPlace = (a: ViewPlace, b: ViewPlace): number =>
  a.list.localeCompare(b.list) || a.name.localeCompare(b.name)
