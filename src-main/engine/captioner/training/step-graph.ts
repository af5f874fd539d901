/** The graph of a training step: the objective, its gradients and an optimizer's step over one minibatch. */
import { gradients } from '../../graph/gradient.ts'
import { optimizer } from '../../graph/optimizers.ts'
import type { Optimizer } from '../../graph/optimizers.ts'
import type { Input, Value } from '../../graph/value.ts'
import { dropoutLeaves } from '../dropout.ts'
import type { DropoutMasks } from '../dropout.ts'
import { losses } from '../losses.ts'
import { batchLeaves } from '../minibatch.ts'
import type { BatchLeaves, BatchShape } from '../minibatch.ts'
import { createNetwork } from '../model.ts'
import type { Architecture } from '../parameters.ts'

export interface StepLosses {
  loss: number
  nll: number
  topicLoss: number
}

/** What is fed of a minibatch of one bucket. */
export interface StepShape extends BatchShape {
  batch: BatchLeaves
  masks: DropoutMasks
}

/** What a step is fed, the optimizer, and the loop's body. */
interface StepGraph {
  shape: StepShape
  /** Knows the scalars of each step. */
  rule: Optimizer
  body: {
    state: Optimizer['state']
    perStep: Input[]
    collect: Record<keyof StepLosses, Value>
  }
}

/** Parameters that are not trainable stay as they are: they are inputs of the body. */
export function trainingStepGraph(
  architecture: Architecture,
  shape: BatchShape,
  lambda: number,
  trainable: (name: string) => boolean = () => true,
): StepGraph {
  const { settings } = architecture
  const network = createNetwork(architecture)
  const batch = batchLeaves(architecture, shape)
  const masks = dropoutLeaves(architecture, shape)
  const { total, nll, topicLoss } = losses(network, batch, masks, lambda)
  const parameters = [...network.leaves].filter(([name]) => trainable(name)).map(([, leaf]) => leaf)
  const rule = optimizer(parameters, gradients(total, parameters), {
    kind: settings.optimizer,
    weightDecay: settings.weightDecay,
    clipNorm: settings.clipNorm,
  })
  const perStep = [...Object.values(batch), ...Object.values(masks), ...rule.perStep]
  return {
    shape: { ...shape, batch, masks },
    rule,
    body: { state: rule.state, perStep, collect: { loss: total, nll, topicLoss } },
  }
}
