/**
 * Which hidden units of f switch on or off when a neuron is silenced. Taking r_j from neuron j of a clip
 * moves the pre-activation of hidden unit p from a_p to a_p - r_j w_jp. Few units switch: one neuron of many
 * moves a sum of many terms a little. So every unit keeps its neurons ordered by the most that any clip can
 * lose through them, and looks no further down than its pre-activation is from zero.
 */

/** The switches that one clip's neurons cause: `count` entries of the three arrays. */
export interface Switches {
  count: number
  neuron: Int32Array
  unit: Int32Array
  /**
   * What the unit loses by the neuron's silence, less what it would lose if it did not switch; below zero.
   */
  excess: Float32Array
}

export interface SwitchFinder {
  /**
   * The switches of a clip with the pre-activations `pre` [P] when `taken` [D] is taken from its neurons; the
   * next call overwrites them.
   */
  find(pre: Float32Array, taken: Float32Array): Switches
}

/**
 * Neurons are ordered by class, which is all that is needed: within a class they differ by this part of the
 * largest.
 */
const CLASSES = 512

/**
 * For weights `hidden` [D, P], row-major; `reach` [D]: the most that is taken from each neuron, in magnitude,
 * over all clips.
 */
export function createSwitchFinder(hidden: Float32Array, reach: Float32Array, P: number): SwitchFinder {
  const D = reach.length
  /** Of each unit: its neurons, those of the highest class first, and their weights. [P, D]. */
  const neurons = new Int32Array(P * D)
  const weights = new Float32Array(P * D)
  /**
   * How many of a unit's neurons are of a class or above, [P, CLASSES], and how many classes there are to a
   * unit of loss, [P].
   */
  const upTo = new Int32Array(P * CLASSES)
  const perLoss = new Float64Array(P)
  const classOf = new Int32Array(D)
  const next = new Int32Array(CLASSES)
  const loss = new Float64Array(D)
  for (let p = 0; p < P; p++) {
    let most = 0
    for (let j = 0; j < D; j++) {
      loss[j] = Math.abs(hidden[j * P + p]!) * reach[j]!
      if (loss[j]! > most) {
        most = loss[j]!
      }
    }
    const scale = (perLoss[p] = most > 0 ? CLASSES / most : 0)
    next.fill(0)
    for (let j = 0; j < D; j++) {
      const its = Math.min(CLASSES - 1, Math.floor(loss[j]! * scale))
      classOf[j] = its
      next[its]!++
    }
    for (let its = CLASSES - 1, place = 0; its >= 0; its--) {
      const size = next[its]!
      next[its] = place
      place += size
      upTo[p * CLASSES + its] = place
    }
    for (let j = 0; j < D; j++) {
      const place = p * D + next[classOf[j]!]!++
      neurons[place] = j
      weights[place] = hidden[j * P + p]!
    }
  }
  const found: Switches = {
    count: 0,
    neuron: new Int32Array(D * P),
    unit: new Int32Array(D * P),
    excess: new Float32Array(D * P),
  }
  const { neuron, unit, excess } = found
  return {
    find(pre, taken) {
      let count = 0
      for (let p = 0; p < P; p++) {
        const distance = Math.abs(pre[p]!)
        const sign = pre[p]! > 0 ? 1 : -1
        const lowest = Math.floor(distance * perLoss[p]!)
        if (lowest >= CLASSES) {
          continue
        }
        for (let at = p * D, end = at + upTo[p * CLASSES + lowest]!; at < end; at++) {
          const j = neurons[at]!
          const left = distance - sign * taken[j]! * weights[at]!
          if (left >= 0) {
            continue
          }
          neuron[count] = j
          unit[count] = p
          excess[count] = left
          count++
        }
      }
      found.count = count
      return found
    },
  }
}
