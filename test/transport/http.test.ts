import { oc } from '@orpc/contract'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { implement } from '@orpc/server'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import * as z from 'zod'
import { startHttpServer } from '../../src-main/transport/http.ts'
import type { HttpServer } from '../../src-main/transport/http.ts'

const contract = { double: oc.input(z.number()).output(z.number()) }
const os = implement(contract)
const router = os.router({ double: os.double.handler(({ input }) => input * 2) })

let server: HttpServer
let url: URL
let cookie: string
beforeAll(async () => {
  server = await startHttpServer({ router, respond: () => Promise.resolve(new Response('page')), port: 0 })
  url = new URL(server.address)
  const visit = await fetch(server.address, { redirect: 'manual' })
  expect([visit.status, visit.headers.get('location')]).toEqual([303, '/'])
  cookie = (visit.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
})
afterAll(() => server.close())

/** The status of a plain GET with exactly these headers (fetch would not let a test choose Host). */
const status = (path: string, headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: url.port, path, headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })

const socket = (headers: Record<string, string>, path = '/rpc'): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const webSocket = new WebSocket(`ws://${url.host}${path}`, { headers })
    webSocket.once('open', () => {
      resolve(webSocket)
    })
    webSocket.once('error', reject)
  })

describe('who may connect', () => {
  it('serves pages to whoever has the cookie, and to nobody else', async () => {
    expect(await status('/', { cookie })).toBe(200)
    expect(await status('/', {})).toBe(403)
    expect(await status('/', { cookie: cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) })).toBe(
      403,
    )
    expect(await status('/?token=%C3%A9', {})).toBe(403)
  })

  it('lets a launch address in once', async () => {
    const path = server.launchAddress().slice(url.origin.length)
    expect(await status(path, {})).toBe(303)
    expect(await status(path, {})).toBe(403)
  })

  it('answers only to the names of the loopback interface, through any tunnel', async () => {
    expect(await status('/', { cookie, host: 'evil.example' })).toBe(403)
    expect(await status('/', { cookie, host: `127.0.0.1.evil.example:${url.port}` })).toBe(403)
    expect(await status('/', { cookie, host: 'localhost:9999' })).toBe(200)
  })

  it('opens a WebSocket only for its own page with the cookie', async () => {
    const origin = url.origin
    await expect(socket({ cookie, origin: 'http://evil.example' })).rejects.toThrow('403')
    await expect(socket({ cookie })).rejects.toThrow('403')
    await expect(socket({ origin })).rejects.toThrow('403')
    await expect(socket({ cookie, origin, host: 'evil.example' })).rejects.toThrow('403')
    await expect(socket({ cookie, origin }, '/other')).rejects.toThrow('403')
    const webSocket = await socket({ cookie, origin })
    webSocket.close()
  })
})

describe('calls', () => {
  it('are answered, outlive garbage, and a message beyond the limit ends only its own connection', async () => {
    const webSocket = await socket({ cookie, origin: url.origin })
    const client = createORPCClient<ContractRouterClient<typeof contract>>(
      new RPCLink({ websocket: webSocket as never }),
    )
    expect(await client.double(4)).toBe(8)
    webSocket.send('garbage')
    expect(await client.double(5)).toBe(10)
    const closed = new Promise((resolve) => webSocket.once('close', resolve))
    webSocket.send(Buffer.alloc((8 << 20) + 1))
    expect(await closed).toBe(1009)
    expect(await status('/', { cookie })).toBe(200)
  })
})

it('names the port that is taken', async () => {
  await expect(
    startHttpServer({ router, respond: () => Promise.resolve(new Response()), port: Number(url.port) }),
  ).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining(url.port) as string })
})
