import { compile } from '../../graph/runtime.ts'
import type { DeviceName, Session, Tensor } from '../../graph/runtime.ts'
import { inputsOf } from '../../graph/value.ts'
import type { Value } from '../../graph/value.ts'
import type { Parameters } from '../parameters.ts'
import type { CaptioningGraphs } from './graphs.ts'

type Graphs = Omit<CaptioningGraphs, 'leaves'>
type GraphName = keyof Graphs

/** The graphs of captioning, each compiled when it is first needed, and the parameters that they run with. */
export class CompiledGraphs {
  readonly #graphs: Graphs
  readonly #device: DeviceName
  /** The names of each graph's leaves. */
  readonly #leafNames: Readonly<Record<GraphName, ReadonlySet<string>>>
  readonly #sessions = new Map<GraphName, Promise<Session>>()
  #parameters: Parameters

  constructor(graphs: Graphs, parameters: Parameters, device: DeviceName) {
    this.#graphs = graphs
    this.#parameters = parameters
    this.#device = device
    this.#leafNames = {
      encoder: leafNames(graphs.encoder),
      topics: leafNames(graphs.topics),
      memory: leafNames(graphs.memory),
      step: leafNames(graphs.step),
    }
  }

  /** The decoder step, with its weights built in: it runs often enough for that to pay. */
  step(): Promise<Session> {
    return this.#session('step', () => ({ weights: this.#weightsOf('step') }))
  }

  /** Runs one of the other graphs. Its weights are fed: they can change at no cost. */
  async run(
    name: Exclude<GraphName, 'step'>,
    feeds: Record<string, Tensor>,
  ): Promise<Record<string, Tensor>> {
    const session = await this.#session(name)
    return session.run({ ...Object.fromEntries(this.#weightsOf(name)), ...feeds })
  }

  /** Uses other parameters of the same architecture from now on. */
  async use(parameters: Parameters): Promise<void> {
    const changed = [...this.#weightsOf('step')].some(([name, tensor]) => parameters.get(name) !== tensor)
    this.#parameters = parameters
    const step = this.#sessions.get('step')
    if (changed && step) {
      this.#sessions.delete('step')
      await (await step).release()
    }
  }

  async release(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map(async (session) => (await session).release()))
  }

  #session(name: GraphName, options?: () => { weights: Parameters }): Promise<Session> {
    const session =
      this.#sessions.get(name) ?? compile(this.#graphs[name], { device: this.#device, ...options?.() })
    this.#sessions.set(name, session)
    return session
  }

  #weightsOf(name: GraphName): Parameters {
    return new Map([...this.#parameters].filter(([parameter]) => this.#leafNames[name].has(parameter)))
  }
}

const leafNames = (outputs: Readonly<Record<string, Value>>): Set<string> =>
  new Set(inputsOf(Object.values(outputs)).map(({ name }) => name))
