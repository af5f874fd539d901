import { eventIterator, oc } from '@orpc/contract'
import { RPCLink } from '@orpc/client/message-port'
import { implement, ORPCError } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { createClient, failureOf } from '../../src-renderer/client.ts'
import { AccessRefusedError, ConnectionLostError } from '../../src-renderer/connection.ts'
import type { Connect, ConnectionState } from '../../src-renderer/connection.ts'

const contract = {
  jobs: { list: oc.output(z.array(z.string())), cancel: oc.output(z.void()) },
  app: { events: oc.output(eventIterator(z.number())) },
}
const os = implement(contract)
const router = os.router({
  jobs: {
    list: os.jobs.list.handler(() => ['one']),
    // Never answers: what a call looks like to the window when main dies under it.
    cancel: os.jobs.cancel.handler(() => new Promise<void>(() => {})),
  },
  app: {
    events: os.app.events.handler(async function* ({ signal }) {
      yield 1
      await new Promise((resolve) => signal?.addEventListener('abort', resolve))
    }),
  },
})

/** Connections to the router over real MessagePorts; `drop` ends the newest as a vanished main would. */
function harness() {
  let drop = (): void => {}
  let refuse: Error | null = null
  const connect: Connect = () => {
    if (refuse !== null) {
      return Promise.reject(refuse)
    }
    const { port1, port2 } = new MessageChannel()
    new RPCHandler(router).upgrade(port2)
    const closed = new Promise<void>((resolve) => {
      drop = () => {
        port2.close()
        resolve()
      }
    })
    const link = new RPCLink({ port: port1 })
    port1.start()
    port2.start()
    return Promise.resolve({ link, closed })
  }
  return {
    ...createClient(connect, [5]),
    drop: () => {
      drop()
    },
    /** Whether the next connections fail, and how. */
    setRefuse: (reason: Error | null) => {
      refuse = reason
    },
  }
}

const stateReached = (h: ReturnType<typeof harness>, wanted: ConnectionState): Promise<void> =>
  new Promise((resolve) => {
    const stop = h.onConnectionChange((state) => {
      if (state !== wanted) {
        return
      }
      queueMicrotask(() => {
        stop()
      })
      resolve()
    })
  })

describe('createClient', () => {
  it('answers a call made before the connection is open', async () => {
    const h = harness()
    expect(await h.client.jobs.list()).toEqual(['one'])
    h.drop()
  })

  it('rejects pending calls and open streams when the connection is lost, and later calls at once', async () => {
    const h = harness()
    const events = await h.client.app.events()
    expect((await events.next()).value).toBe(1)
    const nextEvent = events.next()
    const pending = h.client.jobs.cancel({ jobId: 1 })
    await h.client.jobs.list()
    h.setRefuse(new Error('nobody there'))
    h.drop()
    await expect(pending).rejects.toThrow(ConnectionLostError)
    await expect(nextEvent).rejects.toThrow(ConnectionLostError)
    await expect(h.client.jobs.list()).rejects.toThrow(ConnectionLostError)
    await expect(events.next()).rejects.toThrow(ConnectionLostError)
    h.setRefuse(null)
    await stateReached(h, 'open')
  })

  it('connects again by itself and then answers', async () => {
    const h = harness()
    await h.client.jobs.list()
    h.drop()
    await stateReached(h, 'lost')
    await stateReached(h, 'open')
    expect(await h.client.jobs.list()).toEqual(['one'])
  })
})

it('tells a main that refuses from one that is not there, and keeps trying', async () => {
  const h = harness()
  await h.client.jobs.list()
  h.setRefuse(new AccessRefusedError())
  h.drop()
  await stateReached(h, 'refused')
  await expect(h.client.jobs.list()).rejects.toThrow(ConnectionLostError)
  h.setRefuse(null)
  await stateReached(h, 'open')
})

describe('failureOf', () => {
  it('keeps what a declared error says and calls anything else a bug', () => {
    const declared = new ORPCError('NOT_READY', {
      message: 'No topics yet.',
      data: { key: 'topics.none', values: {}, remedy: 'Extract topics first.' },
    })
    expect(failureOf(declared)).toEqual({
      code: 'NOT_READY',
      key: 'topics.none',
      values: {},
      message: 'No topics yet.',
      remedy: 'Extract topics first.',
    })
    expect(failureOf(new ORPCError('INTERNAL_SERVER_ERROR', { message: 'x' })).code).toBe('BUG')
    expect(failureOf(new TypeError('y'))).toMatchObject({ code: 'BUG', message: 'y', remedy: null })
  })
})

it('names an input that main refuses, with what it would have to be', () => {
  const issues = [{ message: 'Too small: expected number to be >=2', path: ['folds'] }]
  expect(failureOf(new ORPCError('BAD_REQUEST', { data: { issues } }))).toMatchObject({
    code: 'BAD_INPUT',
    message: 'folds: Too small: expected number to be >=2.',
  })
  expect(failureOf(new ORPCError('BAD_REQUEST', { data: {} }))).toMatchObject({ code: 'BUG' })
})
