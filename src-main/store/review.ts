import * as z from 'zod'
import type { Decoding, GeneratedWord, Review, Split, Verdict } from '#contract'
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

/** What a model said of a clip, and what people made of it. */
export interface JudgedCaption {
  caption: string
  verdict: Verdict
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

/**
 * Captions that models generated: the latest of each model and clip; and what a review of them leaves:
 * verdicts, and notes on clips.
 */
export function generatedCaptionRepository(sql: Sql) {
  const clipNote = (clipId: number): string =>
    sql.get<{ note: string }>('SELECT note FROM clip_note WHERE clip_id = ?', clipId)?.note ?? ''

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

    /**
     * Sets a verdict on a caption (null: none); returns the one before. Nothing for a model or clip that is
     * gone.
     */
    setVerdict(modelId: number, clipId: number, value: JudgedCaption | null): JudgedCaption | null {
      const before = sql.get<JudgedCaption>(
        'SELECT caption, verdict FROM caption_verdict WHERE model_id = ? AND clip_id = ?',
        modelId,
        clipId,
      )
      if (value === null) {
        sql.run('DELETE FROM caption_verdict WHERE model_id = ? AND clip_id = ?', modelId, clipId)
      } else {
        sql.run(
          'INSERT OR REPLACE INTO caption_verdict (model_id, clip_id, caption, verdict) SELECT model.id, clip.id, ?, ? FROM model, clip WHERE model.id = ? AND clip.id = ?',
          value.caption,
          value.verdict,
          modelId,
          clipId,
        )
      }
      return before ?? null
    },

    /** What people say of a caption of a clip, with whichever models they judged it. */
    verdictsOn(clipId: number, caption: string): { modelId: number; verdict: Verdict }[] {
      return sql.all<{ modelId: number; verdict: Verdict }>(
        'SELECT model_id AS modelId, verdict FROM caption_verdict WHERE clip_id = ? AND caption = ? ORDER BY model_id',
        clipId,
        caption,
      )
    },

    /**
     * Verdicts on what a model says now, by clip id (of one clip, or null: of all). A verdict holds for whichever model
     * says the same of the clip; this model's comes before those of others, and of these the newest model's.
     */
    verdicts(modelId: number, clipId: number | null = null): Map<number, Verdict> {
      const rows = sql.all<{ clip_id: number; verdict: Verdict }>(
        `SELECT clip_id, verdict FROM (
           SELECT judged.clip_id, judged.verdict,
             row_number() OVER (PARTITION BY judged.clip_id
               ORDER BY judged.model_id = generated.model_id DESC, judged.model_id DESC) AS place
           FROM generated_caption AS generated JOIN caption_verdict AS judged USING (clip_id, caption)
           WHERE generated.model_id = ? AND (? IS NULL OR generated.clip_id = ?))
         WHERE place = 1`,
        modelId,
        clipId,
        clipId,
      )
      return new Map(rows.map((row) => [row.clip_id, row.verdict]))
    },

    /**
     * Verdicts on what a model, or one that it was made from, said before of clips of which it says something else now, the
     * latest by clip id (of one clip, or null: of all). Where the caption of today is judged too, that is in `verdicts`.
     */
    formerVerdicts(modelId: number, clipId: number | null = null): Map<number, JudgedCaption> {
      const rows = sql.all<JudgedCaption & { clip_id: number }>(
        `WITH RECURSIVE ancestor (id, distance) AS (
           SELECT ?, 0 UNION ALL
           SELECT parent_id, distance + 1 FROM model JOIN ancestor USING (id) WHERE parent_id IS NOT NULL)
         SELECT clip_id, caption, verdict FROM (
           SELECT judged.clip_id, judged.caption, judged.verdict,
             row_number() OVER (PARTITION BY judged.clip_id ORDER BY distance) AS place
           FROM ancestor JOIN caption_verdict AS judged ON judged.model_id = ancestor.id
           JOIN generated_caption AS generated ON generated.model_id = ? AND generated.clip_id = judged.clip_id
           WHERE judged.caption <> generated.caption AND (? IS NULL OR judged.clip_id = ?))
         WHERE place = 1`,
        modelId,
        modelId,
        clipId,
        clipId,
      )
      return new Map(rows.map((row) => [row.clip_id, { caption: row.caption, verdict: row.verdict }]))
    },

    /** What people noted of a clip; empty: nothing. */
    clipNote,

    /** The clips that people noted something of. */
    notedClips: (): Set<number> =>
      new Set(sql.all<{ clip_id: number }>('SELECT clip_id FROM clip_note').map((row) => row.clip_id)),

    /** Sets the note of a clip (empty: none); returns the one before. Nothing for a clip that is gone. */
    setClipNote(clipId: number, note: string): string {
      const before = clipNote(clipId)
      if (note === '') {
        sql.run('DELETE FROM clip_note WHERE clip_id = ?', clipId)
      } else {
        sql.run(
          'INSERT OR REPLACE INTO clip_note (clip_id, note) SELECT id, ? FROM clip WHERE id = ?',
          note,
          clipId,
        )
      }
      return before
    },
  }
}
