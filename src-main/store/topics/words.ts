/** The words of topics: their counts and marks, and the probabilities that follow from them. */
import { grouped } from '../../common/grouped.ts'
import type { Sql } from '../sql.ts'
import { CURRENT_STATES } from './rule.ts'
import type { topicRuns, WordCount } from './runs.ts'

/** What a topic holds in all: tokens, and how many words. */
export interface TopicTotals {
  tokens: number
  words: number
}

export function topicWords(sql: Sql, runs: ReturnType<typeof topicRuns>) {
  return {
    /**
     * A topic's words with counts and marks, by falling count. The counts of forbidden ones are not the
     * topic's any more.
     */
    words(topicId: number): WordCount[] {
      return sql.all(
        'SELECT word, count, mark FROM topic_word WHERE topic_id = ? ORDER BY count DESC, word',
        topicId,
      )
    },

    word(topicId: number, word: string): WordCount | null {
      return (
        sql.get<WordCount>(
          'SELECT word, count, mark FROM topic_word WHERE topic_id = ? AND word = ?',
          topicId,
          word,
        ) ?? null
      )
    },

    /** Sets one word of a topic; null removes it. */
    setWord(topicId: number, word: string, value: Omit<WordCount, 'word'> | null): void {
      if (value === null) {
        sql.run('DELETE FROM topic_word WHERE topic_id = ? AND word = ?', topicId, word)
      } else {
        sql.run(
          'INSERT OR REPLACE INTO topic_word (topic_id, word, count, mark) VALUES (?, ?, ?, ?)',
          topicId,
          word,
          value.count,
          value.mark,
        )
      }
    },

    /** The words that a topic holds, the largest counts first, at most `limit`. */
    topWords(topicId: number, limit: number): { word: string; count: number }[] {
      return sql.all(
        `SELECT word, count FROM topic_word WHERE topic_id = ? AND count > 0 AND mark IS NOT 'forbidden' ORDER BY count DESC, word LIMIT ?`,
        topicId,
        limit,
      )
    },

    /** What each topic holds in all, by id; topics without words are left out. */
    totals(topicIds: readonly number[]): Map<number, TopicTotals> {
      const rows = sql.all<{ topic_id: number; tokens: number; words: number }>(
        `SELECT topic_id, total(count) AS tokens, count(*) AS words FROM topic_word
         WHERE topic_id IN (SELECT value FROM json_each(?)) AND count > 0 AND mark IS NOT 'forbidden' GROUP BY topic_id`,
        JSON.stringify(topicIds),
      )
      return new Map(rows.map(({ topic_id, tokens, words }) => [topic_id, { tokens, words }]))
    },

    /**
     * p(word | topic) of a count: (count + beta) / (total + V beta), V words being in the run's vocabulary;
     * where that is not known, in the topic. Griffiths and Steyvers, "Finding scientific topics", 2004.
     */
    probability(): (count: number, totals: TopicTotals) => number {
      const beta = runs.run()?.beta ?? 0
      const vocabularySize = runs.vocabulary().size
      return (count, { tokens, words }) =>
        tokens + beta > 0 ? (count + beta) / (tokens + (vocabularySize || words) * beta) : 0
    },

    /**
     * Current topics with words that begin with `prefix`, at most `limit` words of each, the largest counts
     * first.
     */
    withPrefix(prefix: string, limit: number): { topicId: number; words: string[] }[] {
      const rows = sql.all<{ topic_id: number; word: string }>(
        `SELECT topic_id, word FROM topic_word INDEXED BY topic_word_word JOIN topic ON topic.id = topic_id
         WHERE word >= ? AND word < ? AND count > 0 AND mark IS NOT 'forbidden' AND state IN ${CURRENT_STATES} ORDER BY topic_id, count DESC, word`,
        prefix,
        `${prefix}\u{10ffff}`,
      )
      const words = grouped(
        rows,
        (row) => row.topic_id,
        (row) => row.word,
      )
      return [...words].map(([topicId, ofTopic]) => ({ topicId, words: ofTopic.slice(0, limit) }))
    },
  }
}
