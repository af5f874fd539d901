import type { Split, Verdict } from '#contract'
import type { Sql } from './sql.ts'

/** A verdict as it was given. */
export interface GivenVerdict {
  caption: string
  verdict: Verdict
  /** ISO 8601 in UTC; null: not known. */
  at: string | null
}

/** What one person says of a caption. */
export interface PersonVerdict {
  who: string
  verdict: Verdict
  at: string | null
}

export interface GivenNote {
  note: string
  at: string | null
}

export interface PersonNote extends GivenNote {
  who: string
}

export type VerdictRepository = ReturnType<typeof verdictRepository>

/** What a review leaves, of each person: verdicts on what models say, and notes on clips. */
export function verdictRepository(sql: Sql) {
  return {
    /**
     * Sets a person's verdict on what a model said of a clip (null: none); returns the one before. Nothing for a model or
     * clip that is gone.
     */
    set(
      { modelId, clipId, who }: { modelId: number; clipId: number; who: string },
      value: GivenVerdict | null,
    ): GivenVerdict | null {
      const before = sql.get<GivenVerdict>(
        'SELECT caption, verdict, at FROM caption_verdict WHERE model_id = ? AND clip_id = ? AND who = ?',
        modelId,
        clipId,
        who,
      )
      if (value === null) {
        sql.run(
          'DELETE FROM caption_verdict WHERE model_id = ? AND clip_id = ? AND who = ?',
          modelId,
          clipId,
          who,
        )
      } else {
        sql.run(
          `INSERT OR REPLACE INTO caption_verdict (model_id, clip_id, who, caption, verdict, at)
           SELECT model.id, clip.id, ?, ?, ?, ? FROM model, clip WHERE model.id = ? AND clip.id = ?`,
          who,
          value.caption,
          value.verdict,
          value.at,
          modelId,
          clipId,
        )
      }
      return before ?? null
    },

    /** What a person said of a clip when a model said something of it; null: nothing. */
    of: (modelId: number, clipId: number, who: string): GivenVerdict | null =>
      sql.get<GivenVerdict>(
        'SELECT caption, verdict, at FROM caption_verdict WHERE model_id = ? AND clip_id = ? AND who = ?',
        modelId,
        clipId,
        who,
      ) ?? null,

    /** All verdicts of everybody, by clip. */
    all: (): (PersonVerdict & { clipId: number; modelId: number; caption: string })[] =>
      sql.all(
        'SELECT clip_id AS clipId, model_id AS modelId, who, caption, verdict, at FROM caption_verdict ORDER BY clip_id, model_id, who',
      ),

    /** What people say of a caption of a clip, with whichever models they judged it. */
    onCaption: (clipId: number, caption: string): { modelId: number; who: string; verdict: Verdict }[] =>
      sql.all(
        'SELECT model_id AS modelId, who, verdict FROM caption_verdict WHERE clip_id = ? AND caption = ? ORDER BY who, model_id',
        clipId,
        caption,
      ),

    /** The models that say a caption of a clip, by id. */
    saying: (clipId: number, caption: string): number[] =>
      sql
        .all<{ model_id: number }>(
          'SELECT model_id FROM generated_caption WHERE clip_id = ? AND caption = ? ORDER BY model_id',
          clipId,
          caption,
        )
        .map(({ model_id }) => model_id),

    /** What a person says of a caption of a clip, with whichever models they judged it. */
    on(clipId: number, caption: string, who: string): { modelId: number; verdict: Verdict }[] {
      return sql.all<{ modelId: number; verdict: Verdict }>(
        'SELECT model_id AS modelId, verdict FROM caption_verdict WHERE clip_id = ? AND caption = ? AND who = ? ORDER BY model_id',
        clipId,
        caption,
        who,
      )
    },

    /**
     * Verdicts on what a model says now, by clip id (of one clip, or null: of all), each with those who gave them by name. A
     * verdict holds for whichever model says the same of the clip; of one person's, that on this model comes before those on
     * others, and of these the one on the newest.
     */
    ofModel(modelId: number, clipId: number | null = null): Map<number, PersonVerdict[]> {
      const rows = sql.all<PersonVerdict & { clip_id: number }>(
        `SELECT clip_id, who, verdict, at FROM (
           SELECT judged.clip_id, judged.who, judged.verdict, judged.at,
             row_number() OVER (PARTITION BY judged.clip_id, judged.who
               ORDER BY judged.model_id = generated.model_id DESC, judged.model_id DESC) AS place
           FROM generated_caption AS generated JOIN caption_verdict AS judged USING (clip_id, caption)
           WHERE generated.model_id = ? AND (? IS NULL OR generated.clip_id = ?))
         WHERE place = 1 ORDER BY clip_id, who`,
        modelId,
        clipId,
        clipId,
      )
      const byClip = new Map<number, PersonVerdict[]>()
      for (const { clip_id, ...verdict } of rows) {
        const known = byClip.get(clip_id)
        if (known === undefined) {
          byClip.set(clip_id, [verdict])
        } else {
          known.push(verdict)
        }
      }
      return byClip
    },

    /**
     * A person's verdicts on what a model, or one that it was made from, said before of clips of which it says something else
     * now, the latest by clip id (of one clip, or null: of all). Where the caption of today is judged too, that is in `ofModel`.
     */
    former(modelId: number, who: string, clipId: number | null = null): Map<number, GivenVerdict> {
      const rows = sql.all<GivenVerdict & { clip_id: number }>(
        `WITH RECURSIVE ancestor (id, distance) AS (
           SELECT ?, 0 UNION ALL
           SELECT parent_id, distance + 1 FROM model JOIN ancestor USING (id) WHERE parent_id IS NOT NULL)
         SELECT clip_id, caption, verdict, at FROM (
           SELECT judged.clip_id, judged.caption, judged.verdict, judged.at,
             row_number() OVER (PARTITION BY judged.clip_id ORDER BY distance) AS place
           FROM ancestor JOIN caption_verdict AS judged ON judged.model_id = ancestor.id AND judged.who = ?
           JOIN generated_caption AS generated ON generated.model_id = ? AND generated.clip_id = judged.clip_id
           WHERE judged.caption <> generated.caption AND (? IS NULL OR judged.clip_id = ?))
         WHERE place = 1`,
        modelId,
        who,
        modelId,
        clipId,
        clipId,
      )
      return new Map(rows.map(({ clip_id, ...verdict }) => [clip_id, verdict]))
    },

    /** How many captions of a split a model has. */
    countCaptioned: (modelId: number, split: Split): number =>
      sql.get<{ n: number }>(
        `SELECT count(*) AS n FROM generated_caption JOIN present_clip AS clip ON clip.id = clip_id
         WHERE model_id = ? AND split = ?`,
        modelId,
        split,
      )!.n,

    /** When a person gave their verdicts on what a model says now of a split: a time for each caption, null: not known. */
    givenBy: (who: string, modelId: number, split: Split): (string | null)[] =>
      sql
        .all<{ at: string | null }>(
          `SELECT max(judged.at) AS at
           FROM generated_caption AS generated JOIN caption_verdict AS judged USING (clip_id, caption)
           JOIN present_clip AS clip ON clip.id = clip_id
           WHERE generated.model_id = ? AND clip.split = ? AND judged.who = ? GROUP BY clip_id`,
          modelId,
          split,
          who,
        )
        .map(({ at }) => at),

    /** The clips of a split that a model has captioned, with their names. */
    captioned: (modelId: number, split: Split): Map<number, string> =>
      new Map(
        sql
          .all<{ id: number; name: string }>(
            `SELECT clip.id, clip.name FROM generated_caption JOIN present_clip AS clip ON clip.id = clip_id
             WHERE model_id = ? AND split = ? ORDER BY clip.name`,
            modelId,
            split,
          )
          .map(({ id, name }) => [id, name]),
      ),

    /** What people noted of a clip, by their names. */
    notesOn: (clipId: number): PersonNote[] =>
      sql.all<PersonNote>('SELECT who, note, at FROM clip_note WHERE clip_id = ? ORDER BY who', clipId),

    /** All notes of everybody, by clip. */
    allNotes: (): (PersonNote & { clipId: number })[] =>
      sql.all('SELECT clip_id AS clipId, who, note, at FROM clip_note ORDER BY clip_id, who'),

    /** The clips that anybody noted something of. */
    notedClips: (): Set<number> =>
      new Set(
        sql.all<{ clip_id: number }>('SELECT DISTINCT clip_id FROM clip_note').map((row) => row.clip_id),
      ),

    /** Sets a person's note on a clip (null: none); returns the one before. Nothing for a clip that is gone. */
    setNote(clipId: number, who: string, value: GivenNote | null): GivenNote | null {
      const before = sql.get<GivenNote>(
        'SELECT note, at FROM clip_note WHERE clip_id = ? AND who = ?',
        clipId,
        who,
      )
      if (value === null) {
        sql.run('DELETE FROM clip_note WHERE clip_id = ? AND who = ?', clipId, who)
      } else {
        sql.run(
          'INSERT OR REPLACE INTO clip_note (clip_id, who, note, at) SELECT id, ?, ?, ? FROM clip WHERE id = ?',
          who,
          value.note,
          value.at,
          clipId,
        )
      }
      return before ?? null
    },
  }
}
