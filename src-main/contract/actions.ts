import * as z from 'zod'
import { id, path, procedure, seed } from './procedure.ts'
import { jobStarted } from './jobs.ts'

export const actionsRequest = z.object({
  /** A folder with one folder of clips per class, or a file of `clip<TAB>class` lines of the project's own clips. */
  clips: path,
  /** The model whose encoder is transferred; null: the current one. */
  modelId: id.nullable().default(null),
  folds: z.number().int().min(2).max(20).default(5),
  seed: seed.default(1),
})
export type ActionsRequest = z.input<typeof actionsRequest>

export const featureSource = z.enum(['interpretive', 'baseline', 'cnn'])
export type FeatureSource = z.infer<typeof featureSource>

export const actionsResult = z.object({
  clips: z.number().int(),
  classes: z.array(z.string()),
  folds: z.number().int(),
  /** Share of held-out clips whose class is right, over all folds; null where that model is not trained. */
  accuracy: z.record(featureSource, z.number().nullable()),
  /** Rows: true class; columns: predicted class; counts over all folds. */
  confusion: z.record(featureSource, z.array(z.array(z.number().int())).nullable()),
  createdAt: z.string(),
})
export type ActionsResult = z.infer<typeof actionsResult>

export const actionsProcedures = {
  transfer: procedure.input(actionsRequest).output(jobStarted),
  results: procedure.output(z.array(actionsResult)),
}
