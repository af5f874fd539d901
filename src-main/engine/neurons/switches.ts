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

/**
 * Neurons are ordered by class, which is all that is needed: within a class they differ by this part of the
 * largest.
 */
const CLASSES = 512

export class SwitchFinder {
  readonly #D: number
  readonly #P: number
  /** Of each unit: its neurons, those of the highest class first, and their weights. [P, D]. */
  readonly #neurons: Int32Array
  readonly #weights: Float32Array
  /**
   * How many of a unit's neurons are of a class or above, [P, CLASSES], and how many classes there are to a
   * unit of loss, [P].
   */
  readonly #upTo: Int32Array
  readonly #classesPerLoss: Float64Array
  readonly #switches: Switches

  /**
   * For weights `hidden` [D, P], row-major; `reach` [D]: the most that is taken from each neuron, in
   * magnitude, over all clips.
   */
  constructor(hidden: Float32Array, reach: Float32Array, P: number) {
    const D = reach.length
    this.#D = D
    this.#P = P
    this.#neurons = new Int32Array(P * D)
    this.#weights = new Float32Array(P * D)
    this.#upTo = new Int32Array(P * CLASSES)
    this.#classesPerLoss = new Float64Array(P)
    this.#switches = {
      count: 0,
      neuron: new Int32Array(D * P),
      unit: new Int32Array(D * P),
      excess: new Float32Array(D * P),
    }
    for (let p = 0; p < P; p++) {
      this.#orderNeurons(p, hidden, reach)
    }
  }

  /**
   * The switches of a clip with the pre-activations `pre` [P] when `taken` [D] is taken from its neurons; the
   * next call overwrites them.
   */
  find(pre: Float32Array, taken: Float32Array): Switches {
    const [D, P, neurons, weights] = [this.#D, this.#P, this.#neurons, this.#weights]
    const { neuron, unit, excess } = this.#switches
    let count = 0
    for (let p = 0; p < P; p++) {
      const distance = Math.abs(pre[p]!)
      const sign = pre[p]! > 0 ? 1 : -1
      const lowestClass = Math.floor(distance * this.#classesPerLoss[p]!)
      if (lowestClass >= CLASSES) {
        continue
      }
      for (let at = p * D, end = at + this.#upTo[p * CLASSES + lowestClass]!; at < end; at++) {
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
    this.#switches.count = count
    return this.#switches
  }

  /** Orders the neurons of unit p by class (a counting sort). */
  #orderNeurons(p: number, hidden: Float32Array, reach: Float32Array): void {
    const [D, P] = [this.#D, this.#P]
    const losses = new Float64Array(D)
    let largest = 0
    for (let j = 0; j < D; j++) {
      losses[j] = Math.abs(hidden[j * P + p]!) * reach[j]!
      largest = Math.max(largest, losses[j]!)
    }
    const scale = largest > 0 ? CLASSES / largest : 0
    const classOf = (j: number): number => Math.min(CLASSES - 1, Math.floor(losses[j]! * scale))
    const sizes = new Int32Array(CLASSES)
    for (let j = 0; j < D; j++) {
      sizes[classOf(j)]! += 1
    }
    const next = new Int32Array(CLASSES)
    for (let c = CLASSES - 1, place = 0; c >= 0; c--) {
      next[c] = p * D + place
      place += sizes[c]!
      this.#upTo[p * CLASSES + c] = place
    }
    for (let j = 0; j < D; j++) {
      const place = next[classOf(j)]!
      next[classOf(j)]! += 1
      this.#neurons[place] = j
      this.#weights[place] = hidden[j * P + p]!
    }
    this.#classesPerLoss[p] = scale
  }
}
