/** What clips bear of topics, and what people said of it. */
import type { Split } from '#contract'
import { grouped } from '../../common/grouped.ts'
import { searchCondition } from '../corpus/search.ts'
import { failures } from '../failures.ts'
import { found } from '../sql.ts'
import type { Sql } from '../sql.ts'
import { CURRENT_STATES } from './rule.ts'
import type { BorneTopic } from './rule.ts'

/**
 * A topic of a clip. `share` is its part of the clip's tokens; `active` is s_k, by the rule (`lda`) or a
 * person's word (`curator`).
 */
export interface ClipTopic extends BorneTopic {
  topicId: number
}

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

export interface TopicClipQuery {
  topicId: number
  which: keyof typeof WHICH
  search: string
  offset: number
  limit: number
}

const WHICH = {
  bearing: 'active = 1',
  set: `active = 1 AND clip_topic.source = 'curator'`,
  cleared: `active = 0 AND clip_topic.source = 'curator'`,
  near: `active = 0 AND clip_topic.source = 'lda'`,
}

export function topicClips(sql: Sql) {
  return {
    /**
     * A page of a topic's clips, the largest shares first, and how many there are in all. `search` as in the
     * corpus list.
     */
    clipPage(query: TopicClipQuery): { total: number; rows: TopicClip[] } {
      const search = searchCondition(query.search)
      const values = search?.values ?? []
      // Without a search the clips themselves need not be read to count them. Rows of past topics stay of clips
      // that were removed since.
      const matching =
        search === null
          ? 'AND clip_id NOT IN (SELECT id FROM absent_clip)'
          : `AND clip_id IN (SELECT id FROM present_clip WHERE ${search.text})`
      const from = `FROM clip_topic WHERE topic_id = ? AND ${WHICH[query.which]} ${matching}`
      const { total } = sql.get<{ total: number }>(
        `SELECT count(*) AS total ${from}`,
        query.topicId,
        ...values,
      )!
      const rows = sql.all<
        Omit<TopicClip, 'active' | 'verdict'> & { active: 0 | 1; source: BorneTopic['source'] }
      >(
        `SELECT id, name, split, path, share, active, source FROM (SELECT clip_id, share, active, source ${from} ORDER BY share DESC, clip_id LIMIT ? OFFSET ?) AS page
         JOIN present_clip AS clip ON clip.id = clip_id ORDER BY share DESC, clip_id`,
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
    },

    /** What a person said of a topic of a clip; null: nothing. */
    verdict(topicId: number, clipId: number): boolean | null {
      const row = sql.get<{ active: 0 | 1 }>(
        'SELECT active FROM clip_verdict WHERE topic_id = ? AND clip_id = ?',
        topicId,
        clipId,
      )
      return row ? row.active === 1 : null
    },

    /** Sets (or with null removes) what a person said. Throws NOT_FOUND for an unknown clip. */
    setVerdict(topicId: number, clipId: number, active: boolean | null): void {
      if (active === null) {
        sql.run('DELETE FROM clip_verdict WHERE topic_id = ? AND clip_id = ?', topicId, clipId)
      } else {
        found(sql.get('SELECT 1 FROM clip WHERE id = ?', clipId), () => failures.clipUnknown({ clipId }))
        sql.run(
          'INSERT OR REPLACE INTO clip_verdict (topic_id, clip_id, active) VALUES (?, ?, ?)',
          topicId,
          clipId,
          Number(active),
        )
      }
    },

    /** Everything that people said of topics' clips. */
    verdicts(topicIds: readonly number[]): { topicId: number; clipId: number; active: boolean }[] {
      return sql
        .all<{ topic_id: number; clip_id: number; active: 0 | 1 }>(
          'SELECT topic_id, clip_id, active FROM clip_verdict WHERE topic_id IN (SELECT value FROM json_each(?)) ORDER BY topic_id, clip_id',
          JSON.stringify(topicIds),
        )
        .map((row) => ({ topicId: row.topic_id, clipId: row.clip_id, active: row.active === 1 }))
    },

    /** The clips that bear a topic with the largest share, at most `limit`, largest first. */
    clearest(topicId: number, limit: number): { id: number; name: string; path: string | null }[] {
      return sql.all(
        `SELECT id, name, path FROM clip_topic JOIN present_clip AS clip ON clip.id = clip_id WHERE topic_id = ? AND active = 1
         ORDER BY clip_topic.share DESC, clip_id LIMIT ?`,
        topicId,
        limit,
      )
    },

    /** How many of some clips bear each of some topics; topics that none bears are left out. */
    countAmong(topicIds: readonly number[], clipIds: readonly number[]): Map<number, number> {
      const rows = sql.all<{ topic_id: number; n: number }>(
        `SELECT topic_id, count(*) AS n FROM clip_topic
         WHERE clip_id IN (SELECT value FROM json_each(?)) AND topic_id IN (SELECT value FROM json_each(?)) AND active = 1
         GROUP BY topic_id`,
        JSON.stringify(clipIds),
        JSON.stringify(topicIds),
      )
      return new Map(rows.map(({ topic_id, n }) => [topic_id, n]))
    },

    /** A clip's current topics, largest share first. */
    ofClip(clipId: number): (ClipTopic & { label: string })[] {
      return sql
        .all<{ topic_id: number; share: number; active: 0 | 1; source: ClipTopic['source']; label: string }>(
          `SELECT topic_id, share, active, source, label FROM clip_topic JOIN topic ON topic.id = topic_id
         WHERE clip_id = ? AND state IN ${CURRENT_STATES} ORDER BY share DESC, topic_id`,
          clipId,
        )
        .map((row) => ({
          topicId: row.topic_id,
          share: row.share,
          active: row.active === 1,
          source: row.source,
          label: row.label,
        }))
    },

    /** A topic's share of every clip that has any of it, by clip id. */
    sharesOf(topicId: number): { clipId: number; share: number }[] {
      return sql.all(
        'SELECT clip_id AS clipId, share FROM clip_topic WHERE topic_id = ? AND share > 0 ORDER BY clip_id',
        topicId,
      )
    },

    /**
     * The topic vectors s: for each clip that bears any of `topicIds`, the columns (places in `topicIds`)
     * that are 1, ascending.
     */
    vectors(topicIds: readonly number[]): Map<number, number[]> {
      const borne = topicIds.flatMap((topicId, column) =>
        sql
          .all<{ clip_id: number }>(
            'SELECT clip_id FROM clip_topic WHERE topic_id = ? AND active = 1',
            topicId,
          )
          .map((row) => ({ clipId: row.clip_id, column })),
      )
      return grouped(
        borne,
        ({ clipId }) => clipId,
        ({ column }) => column,
      )
    },

    /** The same of one clip. */
    vectorOf(topicIds: readonly number[], clipId: number): number[] {
      const borne = new Set(
        sql
          .all<{ topic_id: number }>(
            'SELECT topic_id FROM clip_topic WHERE clip_id = ? AND active = 1',
            clipId,
          )
          .map((row) => row.topic_id),
      )
      return topicIds.flatMap((topicId, column) => (borne.has(topicId) ? [column] : []))
    },
  }
}
