import { startNodeProcess } from '../child/start.ts'
import type { EngineProcess, EngineSettings } from './client.ts'
import { heapEnvironment } from './heap.ts'
import { inspectorFlags } from './inspector.ts'

/** Starts the engine as a Node process. `entry`: path of engine/main.ts or of its built form. */
export const startNodeEngine = (entry: string, { quiet = false }: EngineSettings = {}): EngineProcess =>
  startNodeProcess(entry, {
    quiet,
    env: heapEnvironment,
    // The quiet ones run beside the engine that is to be debugged, whose port they would take.
    execArgv: quiet ? [] : inspectorFlags(),
  })
