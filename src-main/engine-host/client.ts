/** Main's side of the engine process: a child process with the engine's contract. */
import { createChildClient } from '../child/client.ts'
import type { ChildCallOptions, ChildClient, ChildExit, ChildProcess } from '../child/client.ts'
import type { VitrineError } from '../common/failures.ts'
import type { EngineMethods, EngineProgress, FromEngine, ToEngine } from './contract/index.ts'
import { failures } from './failures.ts'

export type EngineProcess = ChildProcess<ToEngine, FromEngine>

export interface EngineSettings {
  /** Drops what the process writes: drivers that are tried complain at length. */
  quiet?: boolean
}

/** Starts an engine process. */
export type StartEngine = (settings?: EngineSettings) => EngineProcess

export type CallOptions = ChildCallOptions<EngineProgress>

/** Calls methods of the engine; throws ENGINE_DIED when the process ends meanwhile. */
export type EngineClient = ChildClient<EngineMethods, EngineProgress>

/** A client of the engine; `spawn` starts a process when one is needed. */
export const createEngineClient = (spawn: () => EngineProcess): EngineClient =>
  createChildClient<EngineMethods, EngineProgress>(spawn, diedError)

function diedError(method: string, { code, signal }: ChildExit): VitrineError {
  return signal !== null
    ? failures.endedBySignal({ signal, method })
    : failures.endedWithExitCode({ exitCode: String(code), method })
}
