import * as z from 'zod'
import { kappa } from './conditions.ts'
import { id, path } from './procedure.ts'

/** Annotations of a file: what people said of clips, as an export wrote it. */
export const annotationImport = z.object({
  path,
  /** Where one person said two things of the same, the one that stands: that of the project, or that of the file. */
  prefer: z.enum(['project', 'file']).default('project'),
})
export type AnnotationImport = z.input<typeof annotationImport>

export const annotationKind = z.enum(['verdict', 'note', 'tag', 'caption', 'topic', 'correction', 'neuron'])

/** Somebody here says something else than a line of the file. */
export const annotationConflict = z.object({
  kind: annotationKind,
  line: z.number().int(),
  /** Null: it is of no clip, but of the neuron that `video` names. */
  clipId: id.nullable(),
  video: z.string(),
  /** What is here and whose it is; empty: not known. */
  here: z.string(),
  whoHere: z.string(),
  there: z.string(),
  who: z.string(),
  /** Both stand beside each other; what is here stays; or the file's takes its place. */
  outcome: z.enum(['beside', 'kept', 'replaced']),
})
export type AnnotationConflict = z.infer<typeof annotationConflict>

/** How far two people agree in their verdicts, one of the file and one of here, on the captions that both judged. */
export const annotationAgreement = z.object({
  between: z.tuple([z.string(), z.string()]),
  captions: z.number().int(),
  /** The share of them on which they agree. */
  observed: z.number(),
  kappa,
})
export type AnnotationAgreement = z.infer<typeof annotationAgreement>

/** A topic that two copies of a project call otherwise, or of which one has been hidden, removed or merged. */
export const topicDifference = z.object({
  topicId: id,
  here: z.string(),
  there: z.string(),
  /** What is here stays; or the file's name takes its place. */
  outcome: z.enum(['kept', 'replaced']),
})
export type TopicDifference = z.infer<typeof topicDifference>

/** What taking annotations in does, or would do. */
export const annotationReport = z.object({
  lines: z.number().int(),
  added: z.record(annotationKind, z.number().int()),
  /** Lines that the project has already. */
  known: z.number().int(),
  /** At most 1,000, and how many there are. */
  conflicts: z.array(annotationConflict),
  conflictCount: z.number().int(),
  /** Those who judged the most captions both first; at most ten. */
  agreement: z.array(annotationAgreement),
  /** Where the topics of an archive's copy of this project differ from those here. */
  topics: z.array(topicDifference),
  /** Lines that have no place here, and why; at most 1,000. */
  unplaced: z.array(z.object({ line: z.number().int(), reason: z.string() })),
  unplacedCount: z.number().int(),
})
export type AnnotationReport = z.infer<typeof annotationReport>
