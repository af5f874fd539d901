/**
 * What main may ask of the engine process. Arrays and file paths go in, arrays and files come out: the engine
 * knows no database and no window. Topics are columns 0..K-1 here; only main knows their ids. Each family of
 * methods has a file of its own, named as its folder in the engine.
 *
 * Features are .npy files, float32, [n, F]: one row a frame, n at most the run's `frames`; a clip with fewer
 * valid frames has fewer rows, and the engine pads and masks. Model folders (`modelDir`) are written by
 * `captioner.train`, `captioner.remap`, `captioner.refine` and `corrections.learn` and read by the rest.
 *
 * Any method may also throw CancelledError, when its call is cancelled; BAD_INPUT for a `device` that is no
 * device's name; and, where it reads a model or features, NOT_FOUND or BAD_INPUT naming the file.
 */
import type { FromChild, ToChild } from '../../child/messages.ts'
import type { ActionMethods } from './actions.ts'
import type { EngineProgress, Handlers } from './call.ts'
import type { CaptionerMethods } from './captioner.ts'
import type { CorpusMethods } from './corpus.ts'
import type { CorrectionMethods } from './corrections.ts'
import type { DeviceMethods } from './devices.ts'
import type { EncoderMethods } from './encoders.ts'
import type { FeatureMethods } from './features.ts'
import type { MetricMethods } from './metrics.ts'
import type { NeuronMethods } from './neurons.ts'
import type { TopicMethods } from './topics.ts'

export type * from './actions.ts'
export type * from './call.ts'
export * from './captioner.ts'
export type * from './clips.ts'
export type * from './corpus.ts'
export type * from './corrections.ts'
export type * from './devices.ts'
export type * from './encoders.ts'
export type * from './features.ts'
export type * from './metrics.ts'
export type * from './neurons.ts'
export type * from './topics.ts'

/** Method name to what goes in and what comes out. */
export type EngineMethods = ActionMethods &
  CaptionerMethods &
  CorpusMethods &
  CorrectionMethods &
  DeviceMethods &
  EncoderMethods &
  FeatureMethods &
  MetricMethods &
  NeuronMethods &
  TopicMethods

export type EngineMethod = keyof EngineMethods
export type EngineParams<M extends EngineMethod> = EngineMethods[M]['params']
export type EngineResult<M extends EngineMethod> = EngineMethods[M]['result']
export type EngineHandlers = Handlers<EngineMethods>

/** Messages between main and the engine process (structured clone on both shells). */
export type ToEngine = ToChild<EngineMethod>
export type FromEngine = FromChild<EngineProgress>
