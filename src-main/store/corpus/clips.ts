import type { ClipCounts, ClipKind, Split } from '#contract'
import { grouped } from '../../common/grouped.ts'
import { failures } from '../failures.ts'
import { found } from '../sql.ts'
import type { Sql, SqlValue } from '../sql.ts'
import type { ImportedCaption } from './caption-rows.ts'
import type { CaptionRepository, CaptionSummary } from './captions.ts'
import { FILE_HASH, isContent } from './content.ts'
import { hasFeatures } from './features.ts'
import { NOT_STAGED, SEEN, UNDONE } from './import-state.ts'
import { differCondition, JUDGED_NOW, PROBLEM, whereOf } from './conditions.ts'
import type { ClipQuestion, QuestionPart } from './conditions.ts'
import type { ClipSearch } from './search.ts'

/** What is known of a clip's media file; all null for a clip without one. */
export interface ClipMedia {
  kind: ClipKind
  /** As stored: see paths.ts. */
  path: string | null
  /** The content: see content.ts. */
  contentHash: string | null
  /** The part of the file that the clip is, in seconds of the file; null: all of it. */
  start: number | null
  end: number | null
  /** seconds */
  duration: number | null
  fps: number | null
  frameCount: number | null
  width: number | null
  height: number | null
  codec: string | null
  /** Whether a browser plays the file itself; null: not known. */
  playable: boolean | null
  /** Why the clip can't be used, in a sentence. */
  problem: string | null
}

/** Of a clip that has captions only. */
export const NO_MEDIA: ClipMedia = {
  kind: 'video',
  path: null,
  contentHash: null,
  start: null,
  end: null,
  duration: null,
  fps: null,
  frameCount: null,
  width: null,
  height: null,
  codec: null,
  playable: null,
  problem: null,
}

export interface Clip extends ClipMedia {
  id: number
  name: string
  split: Split
  /** A person removed it: it takes part in nothing, and what was said of it stays. */
  removed: boolean
}

/** How far the ids of clips, and those of their changes, had come. */
export interface CorpusState {
  /** Null: not known. */
  lastClip: number | null
  lastChange: number
}

/** What edits of clips change. */
export interface ClipState extends Pick<Clip, 'split' | 'removed'> {
  /** People see it, if only among the removed ones. */
  seen: boolean
}

export interface ImportedClip extends ClipMedia {
  name: string
  split: Split
  captions: readonly ImportedCaption[]
}

/** A clip of any state, as an import looks for it. */
export interface KnownClip extends Clip {
  /** The import that it came by was undone. */
  undone: boolean
}

/** Which clips are listed, and in what order. */
export interface ClipListing {
  question: ClipQuestion
  /** Those that were removed, in place of those that are there. */
  removed: boolean
  order: 'name' | 'split' | 'duration' | 'captions' | 'score' | 'added'
  descending: boolean
}

/** What clips are made of: a file, or a folder of frames. */
export interface ClipSource {
  /** As stored: see paths.ts. */
  path: string
  kind: ClipKind
  /** Of the whole file; null: not known. */
  fileHash: string | null
}

/** A row of the corpus list. */
export interface ListedClip extends Clip, CaptionSummary {
  hasFeatures: boolean
}

interface ClipColumns {
  id: number
  name: string
  split: Split
  kind: ClipKind
  path: string | null
  content_hash: string | null
  start_seconds: number | null
  end_seconds: number | null
  duration: number | null
  fps: number | null
  frame_count: number | null
  width: number | null
  height: number | null
  codec: string | null
  playable: 0 | 1 | null
  problem: string | null
  removed: 0 | 1
}

const COLUMNS =
  'id, name, split, kind, path, content_hash, start_seconds, end_seconds, duration, fps, frame_count, width, height, codec, playable, problem, removed'

/** Clips that the corpus list shows: those that are there, or those that people removed. */
const LISTED = {
  present: 'present_clip',
  removed: `(SELECT * FROM clip WHERE removed = 1 AND ${SEEN})`,
}

/** What rows of clips are ordered by; those of which it isn't known come last, and equal ones by name. */
function orderOf({ order, descending, question }: ClipListing): { text: string; values: SqlValue[] } {
  const way = descending ? 'DESC' : ''
  const by = (column: string, values: SqlValue[] = []) => ({
    text: `${column} ${way} NULLS LAST, name`,
    values,
  })
  switch (order) {
    case 'name':
      return { text: `name ${way}`, values: [] }
    case 'added':
      return { text: `id ${way}`, values: [] }
    case 'split':
    case 'duration':
      return by(order)
    case 'captions':
      return by('(SELECT count(*) FROM present_caption WHERE clip_id = clip.id)')
    case 'score':
      return by('(SELECT cider FROM generated_caption WHERE model_id = ? AND clip_id = clip.id)', [
        question.score.modelId,
      ])
  }
}

function toClip(row: ClipColumns): Clip {
  const isKnown = row.content_hash !== null && isContent(row.content_hash)
  return {
    id: row.id,
    name: row.name,
    split: row.split,
    kind: row.kind,
    path: row.path,
    contentHash: isKnown ? row.content_hash : null,
    start: row.start_seconds,
    end: row.end_seconds,
    duration: row.duration,
    fps: row.fps,
    frameCount: row.frame_count,
    width: row.width,
    height: row.height,
    codec: row.codec,
    playable: row.playable === null ? null : row.playable === 1,
    problem: row.problem,
    removed: row.removed === 1,
  }
}

const mediaValues = (media: ClipMedia): SqlValue[] => [
  media.kind,
  media.path,
  media.contentHash,
  media.start,
  media.end,
  media.duration,
  media.fps,
  media.frameCount,
  media.width,
  media.height,
  media.codec,
  media.playable === null ? null : Number(media.playable),
  media.problem,
]

export type ClipRepository = ReturnType<typeof clipRepository>

/** Clips: their names, splits and media files. */
export function clipRepository(sql: Sql, captions: CaptionRepository, search: ClipSearch) {
  const insert = (clip: ImportedClip, importId: number | null): number =>
    sql.run(
      `INSERT INTO clip (name, split, kind, path, content_hash, start_seconds, end_seconds, duration, fps, frame_count, width, height, codec, playable, problem, import_id)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      clip.name,
      clip.split,
      ...mediaValues(clip),
      importId,
    ).id

  return {
    /**
     * Adds clips with their captions, of an import or of none; all or none. Returns their ids. Many thousand
     * at once block the process: hand them over in batches.
     */
    add: (clips: readonly ImportedClip[], importId: number | null = null): number[] =>
      sql.transaction(() =>
        clips.map((clip) => {
          const clipId = insert(clip, importId)
          captions.addFirst(clipId, clip.captions, importId)
          search.add(
            clipId,
            clip.name,
            clip.captions.map(({ text }) => text),
          )
          return clipId
        }),
      ),

    /** A clip of any state, to name it. Throws NOT_FOUND. */
    get(clipId: number): Clip {
      return toClip(
        found(sql.get<ClipColumns>(`SELECT ${COLUMNS} FROM clip WHERE id = ?`, clipId), () =>
          failures.clipUnknown({ clipId }),
        ),
      )
    },

    /**
     * A clip that people see, if only among the removed ones: what is said of one whose import was undone would
     * be out of sight, and keep the import from being redone. Throws NOT_FOUND.
     */
    seen(clipId: number): Clip {
      return toClip(
        found(sql.get<ClipColumns>(`SELECT ${COLUMNS} FROM clip WHERE id = ? AND ${SEEN}`, clipId), () =>
          failures.clipUnknown({ clipId }),
        ),
      )
    },

    /** Of clips that people see. */
    byName(name: string): Clip | null {
      const row = sql.get<ClipColumns>(`SELECT ${COLUMNS} FROM clip WHERE name = ? AND ${SEEN}`, name)
      return row ? toClip(row) : null
    },

    /** All clips of a split (null: of all), by id. */
    all(split: Split | null = null): Clip[] {
      return sql
        .all<ClipColumns>(
          `SELECT ${COLUMNS} FROM present_clip WHERE ? IS NULL OR split = ? ORDER BY id`,
          split,
          split,
        )
        .map(toClip)
    },

    /** The clips after an id, removed and undone ones too, by id. */
    known(afterId: number, limit: number): KnownClip[] {
      return sql
        .all<ClipColumns & { undone: 0 | 1 }>(
          `SELECT ${COLUMNS}, ${UNDONE} AS undone
           FROM clip WHERE id > ? AND ${NOT_STAGED} ORDER BY id LIMIT ?`,
          afterId,
          limit,
        )
        .map((row) => ({ ...toClip(row), undone: row.undone === 1 }))
    },

    /** One page of the corpus, and how many clips match in all. */
    list(query: ClipListing & { offset: number; limit: number; featureKey: string | null }): {
      total: number
      rows: ListedClip[]
    } {
      const { where, values } = whereOf(query.question)
      const listed = query.removed ? LISTED.removed : LISTED.present
      const order = orderOf(query)
      const { total } = sql.get<{ total: number }>(
        `SELECT count(*) AS total FROM ${listed} ${where}`,
        ...values,
      )!
      const { condition, values: features } = hasFeatures(query.featureKey ?? '')
      const rows = sql.all<ClipColumns & { has_features: 0 | 1 }>(
        `SELECT ${COLUMNS},
           ${condition} AS has_features
         FROM ${listed} AS clip ${where} ORDER BY ${order.text} LIMIT ? OFFSET ?`,
        ...features,
        ...values,
        ...order.values,
        query.limit,
        query.offset,
      )
      const summaries = captions.summaries(rows.map(({ id }) => id))
      return {
        total,
        rows: rows.map((row) => ({
          ...toClip(row),
          ...(summaries.get(row.id) ?? { captionCount: 0, firstCaption: null }),
          hasFeatures: row.has_features === 1,
        })),
      }
    },

    /** The ids of the clips that match, in the same order. */
    ids(query: ClipListing): number[] {
      const { where, values } = whereOf(query.question)
      const listed = query.removed ? LISTED.removed : LISTED.present
      const order = orderOf(query)
      return sql
        .all<{ id: number }>(
          `SELECT id FROM ${listed} AS clip ${where} ORDER BY ${order.text}`,
          ...values,
          ...order.values,
        )
        .map(({ id }) => id)
    },

    /** The clips that are there and of which a question holds, in no order. */
    matching(question: ClipQuestion): Set<number> {
      const { where, values } = whereOf(question)
      return new Set(
        sql
          .all<{ id: number }>(`SELECT id FROM present_clip AS clip ${where}`, ...values)
          .map(({ id }) => id),
      )
    },

    /**
     * How many clips each choice of a part of a question would leave, the other parts as they are. `modelId`, `who`: whose
     * verdicts, on what; `otherModel`: the one that is laid beside.
     */
    counts(
      { question, removed }: Pick<ClipListing, 'question' | 'removed'>,
      { modelId, otherModel, who }: { modelId: number | null; otherModel: number | null; who: string },
    ): ClipCounts {
      const listed = removed ? LISTED.removed : LISTED.present
      const grouped = (group: string, without: QuestionPart): Map<string, number> => {
        const { where, values } = whereOf(question, without)
        const rows = sql.all<{ name: string; n: number }>(
          `SELECT ${group} AS name, count(*) AS n FROM ${listed} AS clip ${where} GROUP BY 1`,
          ...values,
        )
        return new Map(rows.map(({ name, n }) => [name, n]))
      }
      const counted = (
        from: string,
        name: string,
        without: QuestionPart,
        parameters: readonly SqlValue[],
      ) => {
        const { where, values } = whereOf(question, without)
        return sql.all<{ name: string; n: number }>(
          `SELECT ${name} AS name, count(DISTINCT clip_id) AS n FROM ${from}
           AND clip_id IN (SELECT id FROM ${listed} AS clip ${where}) GROUP BY 1 ORDER BY 1 COLLATE NOCASE`,
          ...parameters,
          ...values,
        )
      }
      const splits = grouped('split', 'split')
      const verdicts = new Map(
        modelId === null
          ? []
          : counted(`${JUDGED_NOW} AND judged.who = ?`, 'judged.verdict', 'verdict', [modelId, who]).map(
              ({ name, n }) => [name, n],
            ),
      )
      const captioned =
        counted('generated_caption WHERE model_id = ?', "'all'", 'verdict', [modelId ?? -1])[0]?.n ?? 0
      const judged = [...verdicts.values()].reduce((sum, n) => sum + n, 0)
      const of = (counts: ReadonlyMap<string, number>, name: string): number => counts.get(name) ?? 0
      const differ = modelId === null || otherModel === null ? null : differCondition({ modelId, otherModel })
      return {
        splits: { train: of(splits, 'train'), val: of(splits, 'val'), test: of(splits, 'test') },
        verdicts: {
          none: captioned - judged,
          right: of(verdicts, 'right'),
          nearly: of(verdicts, 'nearly'),
          wrong: of(verdicts, 'wrong'),
          skip: of(verdicts, 'skip'),
        },
        tags: counted('clip_tag WHERE 1', 'tag', 'tag', []).map(({ name, n }) => ({ tag: name, clips: n })),
        problem: of(grouped(`iif(${PROBLEM.text}, 'problem', '')`, 'problem'), 'problem'),
        differ:
          differ === null
            ? 0
            : (counted(
                `(SELECT clip.id AS clip_id FROM clip WHERE ${differ.text}) WHERE 1`,
                "'all'",
                'differ',
                differ.values,
              )[0]?.n ?? 0),
      }
    },

    /** Whether a clip is there: neither removed, nor of an import that was undone. */
    isThere: (clipId: number): boolean =>
      sql.get('SELECT 1 FROM present_clip WHERE id = ?', clipId) !== undefined,

    /** What clips are now, by id; those that the project never had are left out. */
    states(clipIds: readonly number[]): Map<number, ClipState> {
      const rows = sql.all<{ id: number; split: Split; removed: 0 | 1; seen: 0 | 1 }>(
        `SELECT id, split, removed, ${SEEN} AS seen FROM clip WHERE id IN (SELECT value FROM json_each(?))`,
        JSON.stringify(clipIds),
      )
      return new Map(
        rows.map(({ id, split, removed, seen }) => [id, { split, removed: removed === 1, seen: seen === 1 }]),
      )
    },

    /** Removes clips, or has them there again. */
    setRemoved(clipIds: readonly number[], removed: boolean): void {
      sql.run(
        'UPDATE clip SET removed = ? WHERE id IN (SELECT value FROM json_each(?))',
        Number(removed),
        JSON.stringify(clipIds),
      )
    },

    /** Puts clips in a split. */
    setSplit(clipIds: readonly number[], split: Split): void {
      sql.run(
        'UPDATE clip SET split = ? WHERE id IN (SELECT value FROM json_each(?))',
        split,
        JSON.stringify(clipIds),
      )
    },

    /** What there is of clips: a model keeps it, to know later what has moved. */
    corpusState: (): CorpusState =>
      sql.get<CorpusState>(
        'SELECT (SELECT coalesce(max(id), 0) FROM clip) AS lastClip, (SELECT coalesce(max(id), 0) FROM clip_change) AS lastChange',
      )!,

    /**
     * Clips that have another split now than they had, or were removed since: how many, by what they were and
     * what they are (null: removed).
     */
    movedSince({ lastClip, lastChange }: CorpusState): { was: Split; is: Split | null; clips: number }[] {
      return sql.all(
        // Beside min() SQLite gives the other columns of the row that has the least.
        `SELECT earlier.split AS was, present.split AS "is", count(*) AS clips
         FROM (SELECT clip_id, split, removed, min(id) FROM clip_change WHERE id > ? AND clip_id <= ? GROUP BY clip_id) AS earlier
         LEFT JOIN present_clip AS present ON present.id = clip_id
         WHERE earlier.removed = 0 AND present.split IS NOT earlier.split
         GROUP BY was, "is" ORDER BY was, "is"`,
        lastChange,
        lastClip ?? Number.MAX_SAFE_INTEGER,
      )
    },

    /** Those of them that are there, each. */
    movedClips({ lastClip, lastChange }: CorpusState): { clipId: number; was: Split; is: Split }[] {
      return sql.all(
        // Beside min() SQLite gives the other columns of the row that has the least.
        `SELECT clip_id AS clipId, earlier.split AS was, present.split AS "is"
         FROM (SELECT clip_id, split, removed, min(id) FROM clip_change WHERE id > ? AND clip_id <= ? GROUP BY clip_id) AS earlier
         JOIN present_clip AS present ON present.id = clip_id
         WHERE earlier.removed = 0 AND present.split <> earlier.split ORDER BY clip_id`,
        lastChange,
        lastClip ?? Number.MAX_SAFE_INTEGER,
      )
    },

    /** How many clips there are. */
    count: (): number => sql.get<{ n: number }>('SELECT count(*) AS n FROM present_clip')!.n,

    /** How many clips have a media file. */
    countWithMedia: (): number =>
      sql.get<{ n: number }>('SELECT count(*) AS n FROM present_clip WHERE content_hash IS NOT NULL')!.n,

    /** Whether there are clips with media, and all of them are still pictures. */
    arePictures(): boolean {
      const kinds = sql.all<{ kind: string }>(
        'SELECT DISTINCT kind FROM present_clip WHERE content_hash IS NOT NULL',
      )
      return kinds.length === 1 && kinds[0]?.kind === 'picture'
    },

    /** How many clips people removed. */
    countRemoved: (): number => sql.get<{ n: number }>(`SELECT count(*) AS n FROM ${LISTED.removed}`)!.n,

    /** How many clips each split has. */
    splitCounts(): Record<Split, number> {
      const splits = { train: 0, val: 0, test: 0 }
      for (const row of sql.all<{ split: Split; n: number }>(
        'SELECT split, count(*) AS n FROM present_clip GROUP BY split',
      )) {
        splits[row.split] = row.n
      }
      return splits
    },

    /** Clips of files that are in several splits, in parts or whole, by file; at most `limit` of these. */
    sharedContent(limit: number): Pick<Clip, 'id' | 'name' | 'split'>[][] {
      const rows = sql.all<Pick<Clip, 'id' | 'name' | 'split'> & { file: string }>(
        `SELECT id, name, split, ${FILE_HASH} AS file FROM present_clip WHERE ${FILE_HASH} IN (
           SELECT ${FILE_HASH} FROM present_clip WHERE content_hash IS NOT NULL
           GROUP BY ${FILE_HASH} HAVING count(DISTINCT split) > 1 ORDER BY min(name) LIMIT ?)
         ORDER BY file, name`,
        limit,
      )
      return [
        ...grouped(
          rows,
          (row) => row.file,
          ({ id, name, split }) => ({ id, name, split }),
        ).values(),
      ]
    },

    /** New facts of a clip's media file. */
    setMedia(clipId: number, media: ClipMedia): void {
      const { changes } = sql.run(
        `UPDATE clip SET kind = ?, path = ?, content_hash = ?, start_seconds = ?, end_seconds = ?, duration = ?, fps = ?, frame_count = ?, width = ?, height = ?,
         codec = ?, playable = ?, problem = ? WHERE id = ?`,
        ...mediaValues(media),
        clipId,
      )
      if (changes === 0) {
        throw failures.clipUnknown({ clipId })
      }
    },

    /** The files and folders of all clips, removed ones and those of undone imports too, each once. */
    sources(): ClipSource[] {
      return sql.all<ClipSource>(
        `SELECT path, min(kind) AS kind, min(${FILE_HASH}) AS fileHash FROM clip WHERE path IS NOT NULL GROUP BY path ORDER BY path`,
      )
    },

    /** Notes that a source lies elsewhere, in what imports remember of clips too: a path as stored, and the new one. */
    moveSource(from: string, to: string): void {
      sql.run('UPDATE clip SET path = ? WHERE path = ?', to, from)
      for (const column of ['media_before', 'media_after']) {
        sql.run(
          `UPDATE import_change SET ${column} = json_set(${column}, '$.path', ?) WHERE ${column} ->> '$.path' = ?`,
          to,
          from,
        )
      }
    },

    /** Notes why the clips of a content can't be used; null: they can. */
    setProblem(contentHash: string, problem: string | null): void {
      sql.run(
        'UPDATE clip SET problem = ? WHERE content_hash = ? AND problem IS NOT ?',
        problem,
        contentHash,
        problem,
      )
    },
  }
}
