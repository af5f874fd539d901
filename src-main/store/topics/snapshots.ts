import * as z from 'zod'
import type { TopicSnapshot } from '#contract'
import { failures } from '../failures.ts'
import { found, fromJson, now } from '../sql.ts'
import type { Sql } from '../sql.ts'
import { storedTopicRule } from '../stored.ts'
import { topicFields } from '../stored.ts'
import { isCurrent } from './rule.ts'

const id = z.number().int()

/**
 * All that edits can change of topics. Words and verdicts are kept of topics that are active, hidden or junk.
 */
const content = z.object({
  runId: id.nullable(),
  rule: storedTopicRule,
  wordsEdited: z.boolean(),
  topics: z.array(
    z.object({
      id,
      ...topicFields.shape,
      words: z
        .array(z.tuple([z.string(), z.number(), z.enum(['pinned', 'forbidden']).nullable()]))
        .nullable(),
      verdicts: z.object({ set: z.array(id), cleared: z.array(id) }),
    }),
  ),
})
export type SnapshotContent = z.infer<typeof content>

/** Named states of the topics. */
export function snapshotRepository(sql: Sql) {
  const columns = 'id, name, at, who, topics'

  return {
    /** Signed with `who`. */
    add(name: string, snapshot: SnapshotContent, who: string): TopicSnapshot {
      const current = snapshot.topics.filter((topic) => isCurrent(topic.state)).length
      const added = sql.run(
        'INSERT INTO topic_snapshot (name, at, who, topics, content) VALUES (?, ?, ?, ?, ?)',
        name,
        now(),
        who,
        current,
        JSON.stringify(snapshot),
      ).id
      return sql.get<TopicSnapshot>(`SELECT ${columns} FROM topic_snapshot WHERE id = ?`, added)!
    },

    /** Newest first. */
    list(): TopicSnapshot[] {
      return sql.all(`SELECT ${columns} FROM topic_snapshot ORDER BY id DESC`)
    },

    has(name: string): boolean {
      return sql.get('SELECT 1 FROM topic_snapshot WHERE name = ?', name) !== undefined
    },

    /** Throws NOT_FOUND. */
    get(snapshotId: number): { name: string; content: SnapshotContent } {
      const row = found(
        sql.get<{ name: string; content: string }>(
          'SELECT name, content FROM topic_snapshot WHERE id = ?',
          snapshotId,
        ),
        () => failures.snapshotUnknown({ snapshotId }),
      )
      return { name: row.name, content: fromJson(content, row.content) }
    },
  }
}
