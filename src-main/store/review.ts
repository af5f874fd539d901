import * as z from 'zod'
import type { Decoding, GeneratedWord, Review, Split } from '#contract'
import { fromJson } from './sql.ts'
import type { Sql } from './sql.ts'
import { storedAlternatives, storedDecoding, storedWords } from './stored.ts'

/** What a model says of a clip, in brief. */
export interface CaptionFigures {
  clipId: number
  caption: string
  /** ln p of the whole caption; null: it is another system's. */
  logProbability: number | null
  /** How sure another system is of it; null: it does not say. */
  score: number | null
  /** Against the human captions of the clip; null where it was not scored. */
  cider: number | null
  /** f(v-bar) by topic column; none where there is no f. */
  topics: number[]
}

export interface StoredCaption extends CaptionFigures {
  /** How it was found; null: by another system. */
  decoding: Decoding | null
  words: GeneratedWord[]
  /** The other captions of the n-best list, in the order of their rank. */
  alternatives: Review['alternatives']
}

interface CaptionColumns {
  clip_id: number
  decoding: string | null
  caption: string
  log_probability: number | null
  score: number | null
  words: string
  alternatives: string
  cider: number | null
  topics: string
}

const topicScores = z.array(z.number())

const toCaption = (row: CaptionColumns): StoredCaption => ({
  clipId: row.clip_id,
  decoding: row.decoding === null ? null : fromJson(storedDecoding, row.decoding),
  caption: row.caption,
  logProbability: row.log_probability,
  score: row.score,
  words: fromJson(storedWords, row.words),
  alternatives: fromJson(storedAlternatives, row.alternatives),
  cider: row.cider,
  topics: fromJson(topicScores, row.topics),
})

export type GeneratedCaptionRepository = ReturnType<typeof generatedCaptionRepository>

/** Captions that models generated: the latest of each model and clip. */
export function generatedCaptionRepository(sql: Sql) {
  return {
    /** Stores captions in place of what the model said of the same clips before; all or none. */
    put(modelId: number, captions: StoredCaption[]): void {
      sql.transaction(() => {
        for (const caption of captions) {
          sql.run(
            `INSERT OR REPLACE INTO generated_caption (model_id, clip_id, decoding, caption, log_probability, score, word_count, cider, words, alternatives, topics)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
            modelId,
            caption.clipId,
            caption.decoding && JSON.stringify(caption.decoding),
            caption.caption,
            caption.logProbability,
            caption.score,
            caption.words.length,
            caption.cider,
            JSON.stringify(caption.words),
            JSON.stringify(caption.alternatives),
            JSON.stringify(caption.topics),
          )
        }
      })
    },

    /** Sets what is measured of captions that are there. */
    measure(modelId: number, captions: readonly Pick<StoredCaption, 'clipId' | 'cider' | 'topics'>[]): void {
      sql.transaction(() => {
        for (const { clipId, cider, topics } of captions) {
          sql.run(
            'UPDATE generated_caption SET cider = ?, topics = ? WHERE model_id = ? AND clip_id = ?',
            cider,
            JSON.stringify(topics),
            modelId,
            clipId,
          )
        }
      })
    },

    get(modelId: number, clipId: number): StoredCaption | null {
      const row = sql.get<CaptionColumns>(
        'SELECT * FROM generated_caption WHERE model_id = ? AND clip_id = ?',
        modelId,
        clipId,
      )
      return row ? toCaption(row) : null
    },

    /** A model's captions of a split (null: of all), by clip id. */
    all(modelId: number, split: Split | null = null): StoredCaption[] {
      return sql
        .all<CaptionColumns>(
          `SELECT generated_caption.* FROM generated_caption JOIN present_clip AS clip ON clip.id = clip_id
         WHERE model_id = ? AND (? IS NULL OR split = ?) ORDER BY clip_id`,
          modelId,
          split,
          split,
        )
        .map(toCaption)
    },

    /** The same in brief, with the number of words that the caption was decoded in. */
    figures(modelId: number, split: Split): (CaptionFigures & { wordCount: number })[] {
      return sql
        .all<
          Pick<CaptionColumns, 'clip_id' | 'caption' | 'log_probability' | 'score' | 'cider' | 'topics'> & {
            word_count: number
          }
        >(
          `SELECT clip_id, caption, log_probability, score, word_count, cider, topics FROM generated_caption JOIN present_clip AS clip ON clip.id = clip_id
         WHERE model_id = ? AND split = ? ORDER BY clip_id`,
          modelId,
          split,
        )
        .map((row) => ({
          clipId: row.clip_id,
          caption: row.caption,
          logProbability: row.log_probability,
          score: row.score,
          wordCount: row.word_count,
          cider: row.cider,
          topics: fromJson(topicScores, row.topics),
        }))
    },
  }
}
