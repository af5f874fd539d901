/**
 * The means that prediction differences are (see prediction-difference.ts), gathered clip by clip: over the
 * clips that bear each topic, or over all clips.
 */
import * as ops from '../graph/ops.ts'
import { compile } from '../graph/runtime.ts'
import type { DeviceName, Session } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { input } from '../graph/value.ts'
import type { Input } from '../graph/value.ts'
import type { Switches } from './switches.ts'

/** Rows of a product. */
export const ROWS = 512

/** f as it is needed here: [D, P], [P] and, a topic a row, [K, P]. */
export interface TopicHead {
  D: number
  P: number
  K: number
  hidden: Float32Array
  bias: Float32Array
  output: Float32Array
}

/**
 * One clip: its pre-activations [P], what silencing takes from its neurons [D], and the switches that causes.
 */
interface SilencedClip {
  preActivations: Float32Array
  taken: Float32Array
  switches: Switches
}

export interface DeltaMean {
  /** `index`: which of the clips it is. */
  add(index: number, clip: SilencedClip): Promise<void>
  /** delta [D, K], row-major. */
  finish(): Promise<Float32Array>
  release(): Promise<void>
}

/** Means over the clips that bear each topic: one row of a product for every clip and topic of its. */
export class MeanOverBearing implements DeltaMean {
  readonly #head: TopicHead
  readonly #topicsOf: readonly (readonly number[])[]
  readonly #product: Session
  readonly #rows: Input
  readonly #rowData: Float32Array
  /** What the rows of the next product are of. */
  readonly #waiting: { topic: number; taken: Float32Array }[] = []
  /** By topic, the sum over its clips, [K][D], and how many they are. */
  readonly #totals: Float64Array[]
  readonly #counts: Uint32Array

  private constructor(
    head: TopicHead,
    topicsOf: readonly (readonly number[])[],
    { product, rows }: { product: Session; rows: Input },
  ) {
    this.#head = head
    this.#topicsOf = topicsOf
    this.#product = product
    this.#rows = rows
    this.#rowData = new Float32Array(ROWS * head.P)
    this.#totals = Array.from({ length: head.K }, () => new Float64Array(head.D))
    this.#counts = new Uint32Array(head.K)
  }

  /** `topicsOf`: the topics of every clip. */
  static async compile(
    head: TopicHead,
    topicsOf: readonly (readonly number[])[],
    device: DeviceName,
  ): Promise<MeanOverBearing> {
    const [rows, hidden] = [input('rows', [ROWS, head.P]), input('hidden', [head.D, head.P])]
    const product = await compile(
      { slopes: ops.matmul(rows, hidden, { transposeB: true }) },
      { device, weights: new Map([['hidden', { shape: hidden.shape, data: head.hidden }]]) },
    )
    return new MeanOverBearing(head, topicsOf, { product, rows })
  }

  async add(index: number, clip: SilencedClip): Promise<void> {
    for (const topic of this.#topicsOf[index] ?? []) {
      this.#addSwitches(topic, clip.switches)
      this.#addRow(topic, clip)
      this.#counts[topic]! += 1
      if (this.#waiting.length === ROWS) {
        await this.#flush()
      }
    }
  }

  async finish(): Promise<Float32Array> {
    await this.#flush()
    const { D, K } = this.#head
    const delta = new Float32Array(D * K)
    this.#totals.forEach((total, k) => {
      const count = Math.max(1, this.#counts[k]!)
      total.forEach((sum, j) => {
        delta[j * K + k] = sum / count
      })
    })
    return delta
  }

  async release(): Promise<void> {
    await this.#product.release()
  }

  #addSwitches(topic: number, { count, neuron, unit, excess }: Switches): void {
    const total = this.#totals[topic]!
    const weights = this.#weightsOf(topic)
    for (let s = 0; s < count; s++) {
      total[neuron[s]!]! += excess[s]! * weights[unit[s]!]!
    }
  }

  #addRow(topic: number, { preActivations, taken }: SilencedClip): void {
    const { P } = this.#head
    const [rowData, weights] = [this.#rowData, this.#weightsOf(topic)]
    for (let p = 0, at = this.#waiting.length * P; p < P; p++, at++) {
      rowData[at] = preActivations[p]! > 0 ? weights[p]! : 0
    }
    this.#waiting.push({ topic, taken })
  }

  #weightsOf(topic: number): Float32Array {
    const { output, P } = this.#head
    return output.subarray(topic * P, (topic + 1) * P)
  }

  async #flush(): Promise<void> {
    const { D } = this.#head
    const out = await this.#product.run({ rows: tensorFor(this.#rows, this.#rowData) })
    const slopes = floats(out, 'slopes')
    this.#waiting.forEach(({ topic, taken }, row) => {
      const total = this.#totals[topic]!
      for (let j = 0, at = row * D; j < D; j++, at++) {
        total[j]! += taken[j]! * slopes[at]!
      }
    })
    this.#waiting.length = 0
  }
}

/**
 * Means over all clips: they are the same clips for every topic, so they are taken before the topics come in.
 */
export class MeanOverAll implements DeltaMean {
  readonly #head: TopicHead
  readonly #clips: number
  readonly #device: DeviceName
  readonly #taken: Input
  readonly #active: Input
  readonly #product: Session
  readonly #takenData: Float32Array
  readonly #activeData: Float32Array
  /** Rows of the next product that are taken. */
  #waiting = 0
  /**
   * Sum over clips of what each unit loses, [D, P]: in units of its weight while it stays as it is, and by
   * its switches.
   */
  readonly #linear: Float32Array
  readonly #switched: Float32Array

  private constructor(
    head: TopicHead,
    clips: number,
    device: DeviceName,
    { product, taken, active }: { product: Session; taken: Input; active: Input },
  ) {
    const { D, P } = head
    this.#head = head
    this.#clips = clips
    this.#device = device
    this.#product = product
    this.#taken = taken
    this.#active = active
    this.#takenData = new Float32Array(ROWS * D)
    this.#activeData = new Float32Array(ROWS * P)
    this.#linear = new Float32Array(D * P)
    this.#switched = new Float32Array(D * P)
  }

  /** `clips`: how many there are. */
  static async compile(head: TopicHead, clips: number, device: DeviceName): Promise<MeanOverAll> {
    const [taken, active] = [input('taken', [ROWS, head.D]), input('active', [ROWS, head.P])]
    const product = await compile({ sum: ops.matmul(taken, active, { transposeA: true }) }, { device })
    return new MeanOverAll(head, clips, device, { product, taken, active })
  }

  async add(_index: number, { preActivations, taken, switches }: SilencedClip): Promise<void> {
    const { D, P } = this.#head
    const [activeData, switched] = [this.#activeData, this.#switched]
    this.#takenData.set(taken, this.#waiting * D)
    for (let p = 0, at = this.#waiting * P; p < P; p++, at++) {
      activeData[at] = preActivations[p]! > 0 ? 1 : 0
    }
    const { count, neuron, unit, excess } = switches
    for (let s = 0; s < count; s++) {
      switched[neuron[s]! * P + unit[s]!]! += excess[s]!
    }
    this.#waiting++
    if (this.#waiting === ROWS) {
      await this.#flush()
    }
  }

  async finish(): Promise<Float32Array> {
    await this.#flush()
    const { D, P, K, hidden, output } = this.#head
    const [change, weight] = [input('change', [D, P]), input('output', [K, P])]
    const means = this.#linear.map((sum, i) => (sum * hidden[i]! + this.#switched[i]!) / this.#clips)
    const scores = await compile(
      { delta: ops.matmul(change, weight, { transposeB: true }) },
      { device: this.#device },
    )
    try {
      const out = await scores.run({ change: tensorFor(change, means), output: tensorFor(weight, output) })
      return floats(out, 'delta')
    } finally {
      await scores.release()
    }
  }

  async release(): Promise<void> {
    await this.#product.release()
  }

  async #flush(): Promise<void> {
    const out = await this.#product.run({
      taken: tensorFor(this.#taken, this.#takenData),
      active: tensorFor(this.#active, this.#activeData),
    })
    const [sum, linear] = [floats(out, 'sum'), this.#linear]
    for (let i = 0; i < linear.length; i++) {
      linear[i]! += sum[i]!
    }
    this.#takenData.fill(0)
    this.#waiting = 0
  }
}
