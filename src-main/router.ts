/**
 * The contract, implemented: a loop binds each procedure to the service of its noun, for the transports
 * (createRouter) and for callers in this process (createLocalClient). Inputs are parsed here, once.
 */
import { setTimeout } from 'node:timers/promises'
import { implement, ORPCError } from '@orpc/server'
import type { Router } from '@orpc/server'
import type { RequestHeadersPluginContext } from '@orpc/server/plugins'
import type { AnySchema, ContractProcedure, ErrorMap, Meta } from '@orpc/contract'
import * as z from 'zod'
import type { Application } from './compose.ts'
import { contract, PERSON_HEADER, personName } from '#contract'
import type { Client, Contract } from '#contract'
import { CancelledError } from './common/failures.ts'
import { expectedError } from './common/files/file-errors.ts'
import type { CallContext } from './project/service.ts'

type AnyProcedure = ContractProcedure<AnySchema, AnySchema, ErrorMap, Meta>
/** A procedure as a loop over all of them sees it: what the contract guarantees is checked in compose.ts. */
type Handler = (input: unknown, context: CallContext) => unknown

export function createRouter(app: Application): Router<Contract, RequestHeadersPluginContext> {
  return mapProcedures((noun, name, procedure) =>
    implement(procedure)
      .$context<RequestHeadersPluginContext>()
      .handler(async ({ input, signal, context }) => {
        const person = personOf(context.reqHeaders)
        try {
          return await withoutHoldingUp(app, () =>
            handlerOf(app, noun, name)(input, contextOf(app, signal, person)),
          )
        } catch (error) {
          throw toRpcError(error)
        }
      }),
  ) as unknown as Router<Contract, RequestHeadersPluginContext>
}

/**
 * The contract for callers in this process, such as the command line: the same inputs and outputs, and errors
 * as they were thrown; a wrong input is a ZodError. Every call may be aborted by `signal`.
 */
export function createLocalClient(app: Application, signal?: AbortSignal): Client {
  return mapProcedures((noun, name, procedure) => async (input: unknown) => {
    const schema = procedure['~orpc'].inputSchema
    const parsed = schema instanceof z.ZodType ? schema.parse(input) : input
    return withoutHoldingUp(app, () => handlerOf(app, noun, name)(parsed, contextOf(app, signal)))
  }) as Client
}

/** What `bind` makes of every procedure of the contract, by noun and name. */
function mapProcedures<Bound>(
  bind: (noun: string, name: string, procedure: AnyProcedure) => Bound,
): Record<string, Record<string, Bound>> {
  return Object.fromEntries(
    Object.entries(contract).map(([noun, procedures]) => [
      noun,
      Object.fromEntries(
        Object.entries(procedures).map(([name, procedure]) => [name, bind(noun, name, procedure)]),
      ),
    ]),
  )
}

function handlerOf(app: Application, noun: string, name: string): Handler {
  const services = app.services as unknown as Record<string, Record<string, Handler>>
  const handler = services[noun]?.[name]
  if (handler === undefined) {
    throw new Error(`nothing implements ${noun}.${name}`)
  }
  return handler
}

/** How long a call tries to write while another process does, and how often, in milliseconds. */
const TRIES_FOR = 10_000
const TRIES_EVERY = 25

/**
 * Makes a call that may write. SQLite would wait for another process's write with this whole process at a stand:
 * instead the call is made again a little later, and others are answered meanwhile. One that has written
 * something is not made twice.
 */
async function withoutHoldingUp(app: Application, call: () => unknown): Promise<unknown> {
  const store = app.openStore()
  if (store === null) {
    return call()
  }
  const end = performance.now() + TRIES_FOR
  for (;;) {
    const before = store.commits()
    try {
      return await store.withoutWaiting(call)
    } catch (error) {
      if (
        expectedError(error)?.key !== 'store.inUse' ||
        store.commits() !== before ||
        performance.now() > end
      ) {
        throw error
      }
    }
    await setTimeout(TRIES_EVERY)
  }
}

const contextOf = (
  app: Application,
  signal: AbortSignal | undefined,
  person: string | null = null,
): CallContext => ({
  signal: signal ?? new AbortController().signal,
  // Looked up by those who sign something.
  get who() {
    return person ?? app.who()
  },
})

/** The name that a window says its person has; null where it says none that could be one. */
function personOf(headers: Headers | undefined): string | null {
  const name = headers?.get(PERSON_HEADER) ?? null
  try {
    return name === null ? null : (personName.safeParse(decodeURIComponent(name)).data ?? null)
  } catch {
    // It is no text that a window of ours encoded.
    return null
  }
}

/**
 * Expected errors keep code, message and remedy; a bug keeps its message and goes to the log with its stack.
 */
function toRpcError(error: unknown): unknown {
  const expected = expectedError(error)
  if (expected !== null) {
    const { code, message, key, values, remedy } = expected
    return new ORPCError(code, { message, data: { key, values, remedy } })
  }
  // The one who called has gone away or thought better of it.
  if (error instanceof CancelledError || error instanceof ORPCError) {
    return error
  }
  console.error(error)
  return new ORPCError('INTERNAL_SERVER_ERROR', {
    message: error instanceof Error ? error.message : String(error),
    cause: error,
  })
}
