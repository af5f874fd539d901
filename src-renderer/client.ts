/**
 * The window's connection to main: one typed client, whichever shell runs. Electron's preload hands over a
 * MessagePort; a browser opens a WebSocket to the origin that served the page (access.ts). Nothing else in
 * the window knows which.
 *
 * Calls made while the first connection opens wait for it. When a connection is lost, pending calls and open
 * event streams reject at once with ConnectionLostError, later calls too, until the reconnection (which is
 * tried on its own) succeeds. `onConnectionChange` tells the state, so that views can say so and reload
 * afterwards.
 */
import { createORPCClient, ORPCError } from '@orpc/client'
import type { ClientContext, ClientLink } from '@orpc/client'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import * as z from 'zod'
import { errorCode, errorParameters } from '#contract'
import type { Client, Failure } from '#contract'
import { connectBySocket } from './access.ts'
import { AccessRefusedError, ConnectionLostError } from './connection.ts'
import type { Connect, Connection, ConnectionState } from './connection.ts'
import { personHeaders } from './person.ts'

/** What the preload puts on `window` in Electron; absent in a browser. */
interface Bridge {
  /** Asks main for a MessagePort, which arrives as a window message `vitrine:port`. */
  connect(): void
  /** Where a dropped file or folder lies; empty: nowhere on the disk. */
  pathOf(file: File): string
}
declare global {
  interface Window {
    vitrine?: Bridge
  }
}

/** What main says of an input that the contract does not allow. */
const refusedInput = z.object({
  issues: z
    .array(
      z.object({
        message: z.string(),
        path: z
          .array(z.union([z.string(), z.number(), z.object({ key: z.union([z.string(), z.number()]) })]))
          .default([]),
      }),
    )
    .min(1),
})
type RefusedInput = z.infer<typeof refusedInput>

/** A value that a field let through is no fault of the program: it is named, with what it would have to be. */
function inputFailure(issues: RefusedInput['issues']): Failure {
  const sentences = issues.map(({ path, message }) => {
    const field = path.map((part) => (typeof part === 'object' ? part.key : part)).join('.')
    return field === '' ? `${message}.` : `${field}: ${message}.`
  })
  const message = sentences.join(' ')
  return {
    code: 'BAD_INPUT',
    key: 'input.refused',
    values: { message },
    message,
    remedy: 'Change it, and try again.',
  }
}

/** What a person sees of anything a call threw: declared errors as main has them, anything else is a bug. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ConnectionLostError) {
    return error.failure
  }
  const refused = refusedInput.safeParse(error instanceof ORPCError ? error.data : null)
  if (error instanceof ORPCError && error.code === 'BAD_REQUEST' && refused.success) {
    return inputFailure(refused.data.issues)
  }
  const message = error instanceof Error ? error.message : String(error)
  const code = errorCode.safeParse(error instanceof ORPCError ? error.code : null)
  const parameters = errorParameters.safeParse(error instanceof ORPCError ? error.data : null)
  return code.success && parameters.success
    ? { code: code.data, message, ...parameters.data }
    : { code: 'BUG', key: 'bug', values: { message }, message, remedy: null }
}

/**
 * A client over connections made by `connect`, remade after `retryDelays` (milliseconds; the last one
 * repeats) when lost.
 */
export function createClient(
  connect: Connect,
  retryDelays: readonly number[] = [250, 500, 1000, 3000],
): {
  client: Client
  /** A client that tells `onQuery` what it is asked, as `noun.name`, and whose calls `signal` aborts. */
  watchedClient(onQuery: (query: string) => void, signal?: AbortSignal): Client
  /** A client whose edits are signed with the name of `person`, whoever is at this window. */
  clientOf(person: string): Client
  /** Calls `listener` with the state now and after every change; returns the function that stops it. */
  onConnectionChange(listener: (state: ConnectionState) => void): () => void
} {
  const listeners = new Set<(state: ConnectionState) => void>()
  const pending = new Set<(error: ConnectionLostError) => void>()
  let state: ConnectionState = 'connecting'
  let live: Connection | null = null
  let attempt = attemptConnection()

  function setState(next: ConnectionState): void {
    state = next
    for (const listener of [...listeners]) {
      listener(next)
    }
  }

  /** The connection, or null when it could not be made. Starts the next attempt after a failure or a loss. */
  async function attemptConnection(failures = 0): Promise<Connection | null> {
    const retry = (after: number, without: ConnectionState): void => {
      setState(without)
      const delay = retryDelays[Math.min(after, retryDelays.length - 1)] ?? 1000
      setTimeout(() => {
        attempt = attemptConnection(after + 1)
      }, delay)
    }
    let connection: Connection
    try {
      connection = await connect()
    } catch (error) {
      retry(failures, error instanceof AccessRefusedError ? 'refused' : 'lost')
      return null
    }
    live = connection
    setState('open')
    void connection.closed.then(() => {
      live = null
      for (const reject of pending) {
        reject(new ConnectionLostError())
      }
      retry(0, 'lost')
    })
    return connection
  }

  /**
   * The same promise, which rejects when the connection is lost before it settles. oRPC on its own may wait
   * for ever.
   */
  function untilLost<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      pending.add(reject)
      work.then(resolve, reject).finally(() => pending.delete(reject))
    })
  }

  const link: ClientLink<ClientContext> = {
    async call(path, input, options) {
      const connection = state === 'lost' || state === 'refused' ? null : await attempt
      if (connection === null) {
        throw new ConnectionLostError()
      }
      const output = await untilLost(connection.link.call(path, input, options))
      if (!isAsyncIterator(output)) {
        return output
      }
      const stream: AsyncIterableIterator<unknown> = {
        next: () =>
          live === connection ? untilLost(output.next()) : Promise.reject(new ConnectionLostError()),
        return: (value) => output.return?.(value) ?? Promise.resolve({ done: true, value }),
        [Symbol.asyncIterator]: () => stream,
      }
      return stream
    },
  }
  return {
    client: createORPCClient<Client>(link),
    watchedClient: (onQuery, signal) =>
      createORPCClient<Client>({
        call(path, input, options) {
          onQuery(path.join('.'))
          return link.call(path, input, { ...options, signal: signal ?? options.signal })
        },
      } satisfies ClientLink<ClientContext>),
    clientOf: (person) =>
      createORPCClient<Client>({
        call: (path, input, options) => link.call(path, input, { ...options, context: { person } }),
      } satisfies ClientLink<ClientContext>),
    onConnectionChange(listener) {
      listeners.add(listener)
      listener(state)
      return () => listeners.delete(listener)
    },
  }
}

const isAsyncIterator = (value: unknown): value is AsyncIterableIterator<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/** Electron: a MessagePort to main, by way of the preload. */
async function connectByPort(bridge: Bridge): Promise<Connection> {
  const port = await new Promise<MessagePort>((resolve) => {
    const receive = (event: MessageEvent): void => {
      if (event.source !== window || event.data !== 'vitrine:port' || event.ports[0] === undefined) {
        return
      }
      window.removeEventListener('message', receive)
      resolve(event.ports[0])
    }
    window.addEventListener('message', receive)
    bridge.connect()
  })
  const closed = new Promise<void>((resolve) => {
    port.addEventListener('close', () => {
      resolve()
    })
  })
  const link = new PortLink({ port, headers: personHeaders })
  port.start()
  return { link, closed }
}

const connection = createClient(() =>
  window.vitrine === undefined ? connectBySocket() : connectByPort(window.vitrine),
)

/** Every call to main goes through this. */
export const client: Client = connection.client
export const watchedClient = connection.watchedClient
export const clientOf = connection.clientOf
export const onConnectionChange = connection.onConnectionChange
