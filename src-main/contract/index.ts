/**
 * The contract between the window and the main process: schemas and error codes only. It is the one folder
 * that both sides import; it imports neither Electron, Node nor Vue. Each noun has a file of its own, with
 * what can be asked of it at its end.
 */
import type { ContractRouterClient } from '@orpc/contract'
import { actionsProcedures } from './actions.ts'
import { appProcedures } from './app.ts'
import { corpusProcedures } from './corpus.ts'
import { correctionsProcedures } from './corrections.ts'
import { encodersProcedures } from './encoders.ts'
import { exportsProcedures } from './exports.ts'
import { jobsProcedures } from './jobs.ts'
import { neuronsProcedures } from './neurons.ts'
import { projectProcedures } from './project.ts'
import { reviewProcedures } from './review.ts'
import { stepsProcedures } from './steps.ts'
import { storageProcedures } from './storage.ts'
import { sweepsProcedures } from './sweeps.ts'
import { topicsProcedures } from './topics.ts'
import { trainingProcedures } from './training.ts'

export * from './access.ts'
export * from './actions.ts'
export * from './annotations.ts'
export * from './app.ts'
export * from './archive.ts'
export * from './check.ts'
export * from './conditions.ts'
export * from './corpus.ts'
export * from './corrections.ts'
export * from './encoders.ts'
export * from './errors.ts'
export * from './exports.ts'
export * from './feature-import-report.ts'
export * from './feature-import.ts'
export * from './features.ts'
export * from './hub.ts'
export * from './import-report.ts'
export * from './jobs.ts'
export * from './model-import-report.ts'
export * from './model-import.ts'
export * from './neurons.ts'
export * from './person.ts'
export * from './project.ts'
export * from './review.ts'
export * from './saved-views.ts'
export * from './steps.ts'
export * from './storage.ts'
export * from './sweeps.ts'
export * from './topics.ts'
export * from './training.ts'

export const contract = {
  app: appProcedures,
  jobs: jobsProcedures,
  project: projectProcedures,
  corpus: corpusProcedures,
  encoders: encodersProcedures,
  topics: topicsProcedures,
  training: trainingProcedures,
  sweeps: sweepsProcedures,
  review: reviewProcedures,
  neurons: neuronsProcedures,
  corrections: correctionsProcedures,
  actions: actionsProcedures,
  exports: exportsProcedures,
  steps: stepsProcedures,
  storage: storageProcedures,
}
export type Contract = typeof contract
export type Client = ContractRouterClient<Contract>
/** A procedure as `noun.name`. */
export type ProcedureName = {
  [Noun in keyof Contract]: `${Noun}.${keyof Contract[Noun] & string}`
}[keyof Contract]
