import * as z from 'zod'
import { annotationImport } from './annotations.ts'
import { clipConditions, judged, tagName, verdict } from './conditions.ts'
import { featureImportProcedures } from './feature-import.ts'
import { featureProcedures } from './features.ts'
import { importReport } from './import-report.ts'
import { id, ids, offset, path, procedure, searchText, seed } from './procedure.ts'
import { jobStarted } from './jobs.ts'

export const split = z.enum(['train', 'val', 'test'])
export type Split = z.infer<typeof split>

/**
 * What a clip is made of: a video (an animated picture is one), a still picture, which has one frame, or a folder of
 * pictures that are its frames.
 */
export const clipKind = z.enum(['video', 'picture', 'frames'])
export type ClipKind = z.infer<typeof clipKind>

/** A format of caption files, as a person chooses it. */
export const captionFormat = z.object({
  name: z.string(),
  title: z.string(),
  /** What its files may end in, such as `.csv`. */
  extensions: z.array(z.string()),
})

/** A caption as a person types it: one line. */
export const captionText = z
  .string()
  .overwrite((text) => text.replace(/\s+/g, ' ').trim())
  .min(1, 'A caption needs words')
  .max(500, 'A caption has at most 500 characters')

/** A part of all clips, in any unit. */
const share = z.number().min(0).max(1e9)

/**
 * What of a folder is a clip: each video (`videos`), each picture, each folder of pictures as its frames; or all of
 * these, each as it looks and as captions name it.
 */
export const mediaChoice = z.enum(['auto', 'videos', 'pictures', 'frames'])
export type MediaChoice = z.infer<typeof mediaChoice>

/**
 * Import a folder of videos, a caption file, or both. An import only adds: clips and captions that it does not
 * name stay, and so does what people edited.
 */
export const importRequest = z.object({
  /** Null: captions alone. */
  videos: path.nullable().default(null),
  media: mediaChoice.default('auto'),
  /** Null: videos alone. */
  captions: path.nullable().default(null),
  /** A name of `captionFormats`, or `auto`: it is told by the file. */
  format: z.string().max(100).default('auto'),
  /** Of tables and objects, `clip=NAME,caption=NAME`: which columns hold what; null: it is told by their names. */
  columns: z.string().max(2000).nullable().default(null),
  /** A file of two names for each clip, such as MSVD's youtube_mapping.txt; null: there is none. */
  names: path.nullable().default(null),
  /** Of a file in several languages, the one to bring in; null: all. */
  language: z.string().max(100).nullable().default(null),
  /**
   * How new clips are split: shares of train, validation and test, or a file of splits; null: as the caption
   * file says, else by the shares that the project has, and in an empty one 0.6, 0.1, 0.3. Shares are dealt by
   * a hash of the names.
   */
  split: z
    .union([z.tuple([share, share, share]), path])
    .nullable()
    .default(null),
  /** Clips that the project knows are split anew, too; else they keep their split. */
  resplit: z.boolean().default(false),
})
export type ImportRequest = z.input<typeof importRequest>

/** The imports of a project, and what is to be looked at of its clips as they are now. */
export const importList = z.object({
  /** Latest first, at most 20. */
  imports: z.array(
    z.object({
      id,
      /** ISO 8601 in UTC. */
      at: z.string(),
      /** Its files. */
      title: z.string(),
      /** An edit took it back. */
      undone: z.boolean(),
      report: importReport,
    }),
  ),
  /** Clips of the same content that are in several splits: a model is tested on what it was trained on. */
  sharedContent: z.array(z.array(z.object({ id, name: z.string(), split }))),
})

/** A row of the corpus list. Urls are relative to the shell's origin; null where there is no media file. */
export const clipRow = z.object({
  id: z.number().int(),
  name: z.string(),
  split,
  kind: clipKind,
  /** seconds */
  duration: z.number().nullable(),
  /** The part of its file that it is, in seconds of the file; null: all of it. */
  start: z.number().nullable(),
  end: z.number().nullable(),
  captionCount: z.number().int(),
  firstCaption: z.string().nullable(),
  hasFeatures: z.boolean(),
  thumbnailUrl: z.string().nullable(),
  /**
   * Plays in a browser: the file itself, or a proxy made for it; from `start` to `end` it is the clip. Null for a
   * picture.
   */
  videoUrl: z.string().nullable(),
  problem: z.string().nullable(),
  /** By name. */
  tags: z.array(z.string()),
  /** A person removed it: it takes part in nothing until it is restored. */
  removed: z.boolean(),
})
export type ClipRow = z.infer<typeof clipRow>

export const clipFilter = z.object({
  search: searchText.default(''),
  split: split.nullable().default(null),
  /** Those that were removed, in place of those that are there. */
  removed: z.boolean().default(false),
  where: clipConditions.prefault({}),
  /** One's own verdict on what the model says. */
  verdict: judged.default('any'),
  /** The model whose captions conditions are about (null: the current one), and the one that `differ` lays beside it. */
  modelId: id.nullable().default(null),
  otherModel: id.nullable().default(null),
  /** `score`: CIDEr of what the model says; `captions`: how many people's captions; `added`: as they came in. */
  order: z.enum(['name', 'split', 'duration', 'captions', 'score', 'added']).default('name'),
  descending: z.boolean().default(false),
})
export type ClipFilter = z.input<typeof clipFilter>

/** How many clips there are of each kind that a filter can ask for, the rest of the filter as it is. */
export const clipCounts = z.object({
  splits: z.record(split, z.number().int()),
  /** By one's own verdicts; `none`: captioned, and not judged by oneself. */
  verdicts: z.record(z.enum(['none', ...verdict.options]), z.number().int()),
  tags: z.array(z.object({ tag: z.string(), clips: z.number().int() })),
  problem: z.number().int(),
  differ: z.number().int(),
})
export type ClipCounts = z.infer<typeof clipCounts>

export const clipQuery = clipFilter.extend({
  offset: offset.default(0),
  limit: z.number().int().min(1).max(500).default(100),
})

export const clipPage = z.object({ total: z.number().int(), rows: z.array(clipRow) })

/** A human caption, with what is known of how it came about; null: nothing is. */
export const humanCaption = z.object({
  id: z.number().int(),
  text: z.string(),
  /** A tag such as `en`. */
  language: z.string().nullable(),
  /** Who wrote it: as its file says, or the person who typed or edited it. */
  author: z.string().nullable(),
  /** What its file says of how it came about, such as `clean`. */
  source: z.string().nullable(),
})
export type HumanCaption = z.infer<typeof humanCaption>

export const clipDetail = clipRow.extend({
  width: z.number().int().nullable(),
  height: z.number().int().nullable(),
  fps: z.number().nullable(),
  codec: z.string().nullable(),
  /** Of a clip that is a still picture: it. */
  pictureUrl: z.string().nullable(),
  /** How many frames its features are of; 0 before there are any. */
  frames: z.number().int(),
  /** Rows and columns that each frame is cut into: attention is that of each cell, frame by frame (common/cells.ts). */
  cells: z.number().int(),
  /** Times in seconds of the frames that the encoder saw, in order; empty without features, or where nobody knows them. */
  frameTimes: z.array(z.number()),
  /** These frames side by side, in one picture; null without them, or without a media file. */
  filmstripUrl: z.string().nullable(),
  captions: z.array(humanCaption),
  /** Those in other languages than the one that the project works in: they take part in nothing. */
  otherCaptions: z.array(humanCaption),
  topics: z.array(
    z.object({ id: z.number().int(), label: z.string(), share: z.number(), active: z.boolean() }),
  ),
})
export type ClipDetail = z.infer<typeof clipDetail>

/** The languages that captions are in, as far as files say it. */
export const languageList = z.object({
  /** The language that the project works in, a tag such as `en`; null: in all that there are. */
  working: z.string().nullable(),
  /** The most first; the one that the project works in even where no caption is in it. */
  languages: z.array(z.object({ language: z.string(), name: z.string(), captions: z.number().int() })),
})

/**
 * What is served of a clip: a small picture, the frames that the model saw side by side, and a video that a
 * browser plays or the still picture that it is.
 */
export const MEDIA_KINDS = ['thumbnail', 'filmstrip', 'video', 'picture'] as const
export type MediaKind = (typeof MEDIA_KINDS)[number]

export const sampleRequest = z.object({
  directory: path,
  videos: z.number().int().min(8).max(10_000).default(240),
  seed: seed.default(1),
})

/**
 * What may be wrong with a caption or a clip's captions: its topics contradict those of the clip's other
 * captions; it nearly repeats another caption of the clip; it holds a probable typo; it is the clip's only
 * one; it is in another language than the rest.
 */
export const findingKind = z.enum(['contradiction', 'duplicate', 'typo', 'single', 'language'])
export type FindingKind = z.infer<typeof findingKind>

export const finding = z.object({
  id: z.number().int(),
  kind: findingKind,
  clipId: z.number().int(),
  clip: z.string(),
  thumbnailUrl: z.string().nullable(),
  /** The caption that it is about, as it is now; null: it is gone, or the finding is about the whole clip. */
  caption: z.object({ id: z.number().int(), text: z.string() }).nullable(),
  /** The clip's other captions; at most 8. */
  others: z.array(z.string()),
  /** Why, in a sentence. */
  reason: z.string(),
  /** What to put in the caption's place, where something offers itself. */
  suggestion: z.string().nullable(),
  /** 0 to 1, how likely it is a fault: the queue's order. */
  score: z.number(),
  state: z.enum(['open', 'accepted', 'fixed', 'dropped']),
})
export type Finding = z.infer<typeof finding>

export const findingQuery = z.object({
  kind: findingKind.nullable().default(null),
  state: z.enum(['open', 'decided']).default('open'),
  offset: offset.default(0),
  limit: z.number().int().min(1).max(200).default(50),
})

export const findingPage = z.object({
  /** When captions were checked last; null: never. */
  checkedAt: z.string().nullable(),
  total: z.number().int(),
  /** Open findings of each kind. */
  open: z.record(findingKind, z.number().int()),
  rows: z.array(finding),
})

/**
 * Accept: the caption is fine as it is. Fix: another text in its place. Drop: the caption goes. Each is an
 * edit.
 */
export const findingDecision = z.discriminatedUnion('decision', [
  z.strictObject({ decision: z.literal('accept'), findingIds: ids.min(1) }),
  z.strictObject({
    decision: z.literal('fix'),
    findingId: id,
    text: z.string().trim().min(1).max(2000),
  }),
  z.strictObject({ decision: z.literal('drop'), findingIds: ids.min(1) }),
])
export type FindingDecision = z.infer<typeof findingDecision>

/** Clips or captions that one edit is about. */
const clipIds = ids.min(1)

export const corpusProcedures = {
  renderSample: procedure.input(sampleRequest).output(jobStarted),
  /** The formats of caption files that an import reads. */
  captionFormats: procedure.output(z.array(captionFormat)),
  /**
   * What an import would do; nothing is written. Throws BAD_INPUT at once for an unknown format and where
   * there is nothing to import; what is wrong with the files is the job's failure.
   */
  previewImport: procedure.input(importRequest).output(jobStarted),
  /** Imports: an edit. Throws as `previewImport` does. */
  import: procedure.input(importRequest).output(jobStarted),
  imports: procedure.output(importList),
  clips: procedure.input(clipQuery).output(clipPage),
  clipCounts: procedure.input(clipFilter).output(clipCounts),
  /** The ids of all clips that match, in the order of the list. */
  clipIds: procedure.input(clipFilter).output(z.array(id)),
  /** With a model, its features are those that this one sees; else the current ones. Throws NOT_FOUND. */
  clip: procedure.input(z.object({ clipId: id, modelId: id.nullable().default(null) })).output(clipDetail),
  /** Takes clips out of all lists, counts, splits and trainings; what was said of them stays. An edit. */
  removeClips: procedure.input(z.object({ clipIds })).output(z.void()),
  /** Has removed clips there again, with all that was said of them. An edit. */
  restoreClips: procedure.input(z.object({ clipIds })).output(z.void()),
  /** Puts clips in a split. An edit. */
  moveClips: procedure.input(z.object({ clipIds, split })).output(z.void()),
  /** The clip of a name, with or without extension, or of an id as text. Throws NOT_FOUND. */
  find: procedure
    .input(z.object({ clip: searchText }))
    .output(z.object({ clipId: id, name: z.string(), split, removed: z.boolean() })),
  ...featureProcedures,
  ...featureImportProcedures,
  /** A new human caption of a clip. An edit. */
  addCaption: procedure.input(z.object({ clipId: id, text: captionText })).output(z.void()),
  /** Another text in a caption's place. An edit. */
  editCaption: procedure.input(z.object({ captionId: id, text: captionText })).output(z.void()),
  /** Takes captions away; what was found of them stays, out of sight. An edit. */
  removeCaptions: procedure
    .input(z.object({ captionIds: z.array(id).min(1).max(1_000_000) }))
    .output(z.void()),
  languages: procedure.output(languageList),
  /**
   * The language that the project works in, by tag or name: captions in another take part in nothing. Null: all
   * take part. An edit. Throws BAD_INPUT for one that no caption is in.
   */
  useLanguage: procedure.input(z.object({ language: z.string().max(100).nullable() })).output(z.void()),
  /** All tags by name, and how many clips have each. */
  tags: procedure.output(z.array(z.object({ tag: z.string(), clips: z.number().int() }))),
  /** Puts a tag on clips, or takes it off them; in the spelling that the project has it in. An edit. */
  tagClips: procedure.input(z.object({ clipIds, tag: tagName, tagged: z.boolean() })).output(z.void()),
  /** Another name for a tag; those of an other tag of that name become one with it. An edit. Throws NOT_FOUND. */
  renameTag: procedure.input(z.object({ tag: tagName, name: tagName })).output(z.void()),
  /** What `importAnnotations` would do; nothing is written. What is wrong with the file is the job's failure. */
  previewAnnotations: procedure.input(annotationImport).output(jobStarted),
  /**
   * Takes in what people said of clips: what is new is added under their names, and nothing is overwritten but where
   * `prefer` says so. One edit, whole or not at all.
   */
  importAnnotations: procedure.input(annotationImport).output(jobStarted),
  /** Looks for captions that may be wrong. */
  checkCaptions: procedure.output(jobStarted),
  /** A page of what was found. */
  findings: procedure.input(findingQuery).output(findingPage),
  /** What becomes of findings. An edit. */
  decide: procedure.input(findingDecision).output(z.void()),
}
