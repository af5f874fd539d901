import type { Split } from '#contract'
import { clipFilter } from '../corpus/search.ts'
import type { Sql } from '../sql.ts'

/** A clip of a topic's page. */
export interface TopicClip {
  id: number
  name: string
  split: Split
  path: string | null
  share: number
  active: boolean
  /** What a person said of the topic and this clip; null: nothing. */
  verdict: boolean | null
}

const WHICH = {
  bearing: 'active = 1',
  set: `active = 1 AND clip_topic.source = 'curator'`,
  cleared: `active = 0 AND clip_topic.source = 'curator'`,
  near: `active = 0 AND clip_topic.source = 'lda'`,
}

/**
 * A page of a topic's clips, the largest shares first, and how many there are in all. `search` as in the
 * corpus list.
 */
export function listTopicClips(
  sql: Sql,
  query: { topicId: number; which: keyof typeof WHICH; search: string; offset: number; limit: number },
): { total: number; rows: TopicClip[] } {
  const { where, values } = clipFilter(query.search, null)
  // Without a search the clips themselves need not be read to count them.
  const matching = where === '' ? '' : `AND clip_id IN (SELECT id FROM clip ${where})`
  const from = `FROM clip_topic WHERE topic_id = ? AND ${WHICH[query.which]} ${matching}`
  const { total } = sql.get<{ total: number }>(`SELECT count(*) AS total ${from}`, query.topicId, ...values)!
  const rows = sql.all<Omit<TopicClip, 'active' | 'verdict'> & { active: 0 | 1; source: 'lda' | 'curator' }>(
    `SELECT id, name, split, path, share, active, source FROM (SELECT clip_id, share, active, source ${from} ORDER BY share DESC, clip_id LIMIT ? OFFSET ?) AS own
     JOIN clip ON clip.id = clip_id ORDER BY share DESC, clip_id`,
    query.topicId,
    ...values,
    query.limit,
    query.offset,
  )
  return {
    total,
    rows: rows.map(({ active, source, ...row }) => ({
      ...row,
      active: active === 1,
      verdict: source === 'curator' ? active === 1 : null,
    })),
  }
}
